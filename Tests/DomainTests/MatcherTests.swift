import Domain
import Testing

@Suite struct MatcherTests {
    private let event: JSONValue = [
        "status": "firing", "count": 3, "ok": true, "nothing": .null,
        "size": "2TiB", "age": "1h30m",
        "labels": [
            "alertname": "GethDown", "severity": "critical", "job": "a b", "q": "say \"hi\"", "n": "two\nlines",
            "back": "a\\d", "a.b/c": "odd",
        ],
    ]

    @Test(
        "Alertmanager's syntax on dotted paths",
        arguments: [
            ("status = firing", true), ("status=firing", true), ("status = \"firing\"", true),
            ("status != firing", false),
            ("labels.alertname =~ \"Geth(Down|Stuck)\"", true), ("labels.alertname =~ Geth.*", true),
            ("labels.alertname =~ Geth", false), ("labels.alertname !~ \"Geth.*\"", false),
            ("labels.alertname !~ Geth", true),
            ("labels.job = a b", true), ("labels.job = \"a b\"", true), ("labels.q = \"say \\\"hi\\\"\"", true),
            ("labels.n = \"two\\nlines\"", true), ("labels.n =~ \"two.lines\"", true),
            ("labels.back =~ \"a\\\\\\\\d\"", true),
            ("labels.back = \"a\\\\d\"", true), ("labels.back = a\\d", true), ("count = 3", true), ("ok = true", true),
            ("labels.a.b/c = odd", true),
            // A path that is not there is the empty text, as a label that is not there.
            ("labels.missing = \"\"", true), ("labels.missing =", true), ("labels.missing != x", true),
            ("labels.missing =~ .*", true),
            ("labels.missing =~ .+", false), ("labels.missing !~ .+", true), ("nothing = \"\"", true),
            ("status = \"\"", false),
            ("count > 2", true), ("count > 3", false), ("count >= 3", true), ("count < 4", true), ("count <= 2", false),
            ("count < 2.5", false), ("size > 500GiB", true), ("size > 2TiB", false), ("size >= 2TiB", true),
            ("size < 3298534883328", true), ("age > 1h", true), ("age <= 90m", true), ("age > 5", false),
            // What cannot be compared never holds.
            ("status > 1", false), ("status < 1", false), ("missing < 1", false), ("ok > 0", false),
            ("status.x = \"\"", true), ("labels.job =~ \"a\\sb\"", true),
        ])
    func holds(_ text: String, _ wanted: Bool) throws {
        #expect(try Matcher(parsing: text).verdict(on: event).holds == wanted)
    }

    @Test(
        "what is no matcher is refused with the reason",
        arguments: [
            ("status", "'status' has no comparison"), ("", "'' has no comparison"),
            ("= x", "'= x' has no path before ="),
            ("a b = x", "'a b' is not a dotted path"), ("a = \"x", "the value \"x has no closing quote"),
            ("a = x\"y", "the value x\"y has a quote in its middle"),
            ("a = \"x\"y\"", "the value \"x\"y\" has a quote in its middle"),
            ("a = \"x\\\"", "the value \"x\\\" has no closing quote"), ("a = \"", "the value \" has no closing quote"),
            ("a =~ (", "the regular expression '(' is not valid: missing ): ("),
            ("\"a\" = x", "'\"a\" = x' has no comparison"), ("a ! x", "'a ! x' has no comparison"),
            ("a > b", "'b' is nothing that > can compare"), ("a <=", "'' is nothing that <= can compare"),
            ("a !", "'a !' has no comparison"),
        ])
    func refused(_ text: String, _ reason: String) {
        do {
            _ = try Matcher(parsing: text)
            Issue.record("it was accepted")
        } catch { #expect(error.reason == reason) }
    }

    @Test func theDescriptionReadsBackAsTheSame() throws {
        for text in ["a = x", "a =~ \"b\\\\d+\"", "a != \"say \\\"hi\\\"\\n\"", "a.b !~ x|y", "a >= 5GiB", "a < 2h"] {
            let matcher = try Matcher(parsing: text)
            #expect(try Matcher(parsing: matcher.description) == matcher)
        }
    }

    @Test func aVerdictSaysWhatItSawBounded() throws {
        let matcher = try Matcher(parsing: "a != b")
        let verdict = matcher.verdict(on: ["a": .string(String(repeating: "x", count: 1000))])
        #expect(verdict.saw.count == 200)
        #expect(verdict.matcher == "a != \"b\"")
    }
}
