import Domain
import Testing

@Suite struct PatternTests {
    @Test(
        "a pattern must match the whole text",
        arguments: [
            ("geth-[0-9]+", "geth-0", true), ("geth-[0-9]+", "xgeth-0", false), ("geth-[0-9]+", "geth-0x", false),
            ("a|b", "a", true), ("a|b", "ab", false), ("", "", true), ("", "x", false), (".*", "a\nb", true),
            (".+", "", false), ("(?i)geth", "GETH", true), ("^a$", "a", true), ("ä+", "ää", true),
            ("a\0b", "a\0b", true),
        ])
    func anchored(_ pattern: String, _ subject: String, _ wanted: Bool) throws {
        #expect(try Pattern(pattern).matches(subject) == wanted)
    }

    @Test(
        "named groups are written either way",
        arguments: [
            ("(?<node>geth-[0-9]+):[0-9]+", "geth-0:6060", ["node": "geth-0"]),
            ("(?P<node>geth-[0-9]+):[0-9]+", "geth-0:6060", ["node": "geth-0"]),
            ("(?<a>x)(?<b>y)?", "x", ["a": "x", "b": ""]), ("(x)(?<b>ü.)", "xüö", ["b": "üö"]),
            ("[(?<q>]+(?<r>z)", "?<(z", ["r": "z"]), ("[]](?<a>.)", "]x", ["a": "x"]),
            ("[^](?<]+(?<a>.)", "xy", ["a": "y"]), ("[[:alpha:](?<]+(?<a>1)", "a(?<1", ["a": "1"]),
            (#"\((?<a>.)\Q(?<b>\E"#, "(x(?<b>", ["a": "x"]), (#"\[(?<a>.)"#, "[x", ["a": "x"]),
        ])
    func groups(_ pattern: String, _ subject: String, _ wanted: [String: String]) throws {
        let compiled = try Pattern(pattern)
        #expect(compiled.groups(in: subject) == wanted)
        #expect(Set(compiled.groupNames) == Set(wanted.keys))
        #expect(compiled.text == pattern)
    }

    @Test func aClassIsNotChangedByTheGroupsBesideIt() throws {
        #expect(try !Pattern("[[:alpha:](?<]+").matches("(P<".replacing("P", with: "1")))
        #expect(try !Pattern("[(?<x>]+").matches("P"))
    }

    @Test func noMatchGivesNoGroups() throws {
        #expect(try Pattern("(?<node>geth-[0-9]+)").groups(in: "reth-0") == nil)
    }

    @Test(
        "what RE2 refuses is refused in its words",
        arguments: [
            ("a(", "missing ): a("), ("[a", "missing ]: [a"), ("*a", "no argument for repetition operator: *"),
            (#"(a)\1"#, #"invalid escape sequence: \1"#), ("(?=a)", "invalid perl operator: (?="),
            ("(?<=a)b", "invalid perl operator: (?<"), ("(?<!a)b", "invalid perl operator: (?<"),
            ("a{1001}", "invalid repetition size: {1001}"), ("(?<a>x)(?<a>y)", "two groups are called 'a'"),
        ])
    func refused(_ pattern: String, _ reason: String) {
        do {
            _ = try Pattern(pattern)
            Issue.record("it was accepted")
        } catch { #expect(error.reason == reason) }
    }

    @Test func lengthHasABound() throws {
        _ = try Pattern(String(repeating: "a", count: 1024))
        #expect(throws: Pattern.Invalid.self) { try Pattern(String(repeating: "a", count: 1025)) }
    }

    @Test func aPatternThatBacktracksForeverElsewhereIsQuick() throws {
        let clock = ContinuousClock()
        let pattern = try Pattern("(?:a+)+b")
        let taken = clock.measure { #expect(!pattern.matches(String(repeating: "a", count: 10_000))) }
        #expect(taken < .seconds(2))
    }
}
