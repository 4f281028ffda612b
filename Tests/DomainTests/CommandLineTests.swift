import Domain
import Testing

@Suite struct CommandLineTests {
    static let command = CommandDefinition(
        name: "scale up", summary: "Scales",
        arguments: [
            argument("pool", .choice(["analytics", "infrastructure"])), argument("count", .integer(1...10)),
            argument("force", .flag, isRequired: false), argument("note", .text(nil), isRequired: false),
            argument("wait", .duration, isRequired: false, default: "5m"),
        ], roles: [], locks: [], timeout: .seconds(60), startWithin: nil, steps: [], onFailure: OnFailure(), offers: [],
        onSuccess: nil, examples: [], report: [], location: .none)

    private static func argument(
        _ name: String, _ type: ValueType, isRequired: Bool = true, default value: JSONValue? = nil
    ) -> ArgumentDefinition {
        ArgumentDefinition(
            name: name, type: type, help: "", isRequired: isRequired, defaultValue: value, location: .none)
    }

    @Test(
        "words are split as people type and as chats change",
        arguments: [
            ("deploy analytics", ["deploy", "analytics"]), ("  a\t b\n", ["a", "b"]), ("", []),
            ("a \"b c\" d", ["a", "b c", "d"]),
            ("a 'b \"c' d", ["a", "b \"c", "d"]), ("a “b c” d", ["a", "b c", "d"]), ("a=\"b c\"", ["a=b c"]),
            ("a \"\" b", ["a", "", "b"]),
            ("a —force", ["a", "--force"]), ("a –force", ["a", "--force"]), ("a—b", ["a—b"]),
            ("$(rm -rf /) `x` ;y", ["$(rm", "-rf", "/)", "`x`", ";y"]),
        ])
    func words(_ text: String, _ wanted: [String]) throws { #expect(try CommandLine.words(text) == wanted) }

    @Test(
        "an open quote and a long line are refused",
        arguments: ["a \"b", "a 'b", "a “b", String(repeating: "x", count: 4001)])
    func openQuote(_ text: String) { #expect(throws: CommandLine.Invalid.self) { try CommandLine.words(text) } }

    private func parse(_ text: String) throws(CommandLine.Invalid) -> CommandLine.Parsed {
        try CommandLine.parse(try CommandLine.words(text), for: CommandLineTests.command)
    }

    @Test(
        "arguments come by position, as name=value, or as options",
        arguments: [
            ("analytics 3", [:]), ("analytics count=3", [:]), ("--pool analytics --count 3", [:]),
            ("--count=3 --pool=analytics", [:]), ("count=3 analytics", [:]),
            ("pool=analytics 3", [:]), ("analytics 3 --force", ["force": true]),
            ("analytics --force 3", ["force": true]), ("analytics 3 force=true", ["force": true]),
            ("analytics 3 --force=false", [:]), ("analytics 3 \"some words\"", ["note": "some words"]),
            ("analytics 3 note=\"a=b\"", ["note": "a=b"]),
            ("analytics 3 x=y", ["note": "x=y"]), ("analytics 3 --wait 1h", ["wait": "1h"]),
            ("analytics 3 note 2m", ["note": "note", "wait": "2m"]),
        ] as [(String, [String: JSONValue])])
    func parses(_ text: String, _ changes: [String: JSONValue]) throws {
        let usual: [String: JSONValue] = ["pool": "analytics", "count": 3, "force": false, "note": .null, "wait": "5m"]
        let parsed = try parse(text)
        #expect(parsed.arguments == usual.merging(changes) { $1 })
        #expect(!parsed.isPlanOnly)
    }

    @Test func planIsAnOptionOfEveryCommand() throws { #expect(try parse("--plan analytics 3").isPlanOnly) }

    @Test(
        "what is wrong is said with what would be right",
        arguments: [
            (
                "",
                "'pool' is missing: one of analytics, infrastructure — usage: scale up <analytics|infrastructure> <count> [--force] [note=<note>] [wait=<wait>] [--plan]"
            ),
            (
                "analytics",
                "'count' is missing: a whole number from 1 to 10 — usage: scale up <analytics|infrastructure> <count> [--force] [note=<note>] [wait=<wait>] [--plan]"
            ),
            (
                "analytcs 3",
                "'analytcs' is not a value for 'pool': it must be one of analytics, infrastructure — did you mean 'analytics'?"
            ),
            ("analytics 11", "'11' is not a value for 'count': it must be a whole number from 1 to 10"),
            ("analytics 3 --frce", "'scale up' has no argument 'frce' — did you mean 'force'?"),
            ("analytics 3 --zzzzzz", "'scale up' has no argument 'zzzzzz' — it has pool, count, force, note, wait"),
            ("analytics 3 --count 4", "'count' is given twice"),
            ("analytics --count", "'--count' needs a value: a whole number from 1 to 10"),
            (
                "analytics 3 n 1m more",
                "'more' is one word too many — usage: scale up <analytics|infrastructure> <count> [--force] [note=<note>] [wait=<wait>] [--plan]"
            ),
            ("analytics 3 --force=yes", "'yes' is not a value for 'force': it must be true or false"),
            (
                "analytics 3 --wait soon",
                "'soon' is not a value for 'wait': it must be a time span such as 90s or 2h30m"
            ),
        ])
    func refuses(_ text: String, _ message: String) {
        do {
            _ = try parse(text)
            Issue.record("it was accepted")
        } catch { #expect(error.message == message) }
    }

    @Test(
        "the written line gives the same arguments again",
        arguments: [
            ("analytics 3", "scale up analytics 3"), ("count=3 pool=analytics --force", "scale up analytics 3 --force"),
            ("analytics 3 note=\"two words\"", "scale up analytics 3 note=\"two words\""),
            ("analytics 3 wait=5m", "scale up analytics 3"),
            ("analytics 3 wait=1h --plan", "scale up analytics 3 wait=1h --plan"),
            ("analytics 3 note=''", "scale up analytics 3 note=\"\""),
            ("analytics 3 note='say \"hi\"'", "scale up analytics 3 note=\"say \"'\"'\"hi\"'\"'\"\""),
            ("analytics 3 note=\"it's\"", "scale up analytics 3 note=\"it's\""),
            ("analytics 3 note=\"—force\"", "scale up analytics 3 note=\"—force\""),
        ])
    func written(_ text: String, _ wanted: String) throws {
        let parsed = try parse(text)
        let line = CommandLine.text(of: CommandLineTests.command, parsed)
        #expect(line == wanted)
        #expect(try parse(String(line.dropFirst("scale up".count))) == parsed)
    }

    @Test func theLongestNameWins() {
        var short = CommandLineTests.command
        short.name = "scale"
        let set = DefinitionSet(
            commands: ["scale": short, "scale up": CommandLineTests.command], rules: [], people: [], variables: [:],
            defaultReport: [], hash: "")
        #expect(set.command(named: ["scale", "up", "x"])?.definition.name == "scale up")
        #expect(set.command(named: ["scale", "up", "x"])?.rest == ["x"])
        #expect(set.command(named: ["scale", "down"])?.definition.name == "scale")
        #expect(set.command(named: ["up"]) == nil)
        #expect(set.command(named: []) == nil)
    }
}
