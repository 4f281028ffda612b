import Domain
import Testing
import YAML

@Suite struct YAMLReaderTests {
    private func problem(_ text: String) -> String {
        var problems: [Problem] = []
        _ = YAMLReader.documents(text, file: "x.yaml", problems: &problems)
        return problems.map(\.description).joined(separator: "\n")
    }

    @Test(
        "a plain scalar is what YAML 1.2 says, and text where it could be misread",
        arguments: [
            ("true", true), ("false", false), ("True", "True"), ("yes", "yes"), ("no", "no"), ("on", "on"),
            ("off", "off"), ("y", "y"), ("null", .null), ("~", .null), ("", .null), ("0", 0), ("42", 42), ("-7", -7),
            ("007", "007"), ("0x1F", "0x1F"), ("0o17", "0o17"), ("22:22", "22:22"), ("12:30:45", "12:30:45"),
            ("1.5", .double(1.5)), ("-0.25", .double(-0.25)), ("1.", "1."), (".5", ".5"), ("12e5", "12e5"),
            ("1.2.3", "1.2.3"), ("1_000", "1_000"), ("2026-03-01", "2026-03-01"),
            ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"), ("60s", "60s"), (".inf", ".inf"), ("-", "-"),
            ("99999999999999999999", "99999999999999999999"), ("\"true\"", "true"), ("'12'", "12"), ("<<", "<<"),
        ] as [(String, JSONValue)])
    func types(_ text: String, _ wanted: JSONValue) throws {
        // A lone hyphen would begin a list.
        let value = text == "-" ? "[\"-\"]" : text
        let read = try YAMLReader.documents("a: \(value)\n", file: "x.yaml").first?["a"]?.json
        #expect(read == (text == "-" ? ["-"] : wanted))
    }

    @Test func namesAreTextWhateverTheyLookLike() throws {
        let read = try YAMLReader.documents("on: 1\n8002: 2\ntrue: 3\nnull: 4\n", file: "x.yaml").first
        #expect(read?.members?.map(\.name) == ["on", "8002", "true", "null"])
    }

    @Test func placesCountFromOneAndColumnsInScalars() throws {
        let text = "a:\n  größe: \"x\"\n  list: [ä, {b: c}]\n---\nsecond: |\n  text\n"
        let documents = try YAMLReader.documents(text, file: "dir/x.yaml")
        #expect(documents.count == 2)
        let a = try #require(documents[0]["a"])
        #expect(documents[0].member("a")?.location == SourceLocation(file: "dir/x.yaml", line: 1, column: 1))
        #expect(a.location == SourceLocation(file: "dir/x.yaml", line: 2, column: 3))
        #expect(a["größe"]?.location == SourceLocation(file: "dir/x.yaml", line: 2, column: 10))
        #expect(a["list"]?.items?[1]["b"]?.location == SourceLocation(file: "dir/x.yaml", line: 3, column: 17))
        #expect(documents[1]["second"]?.text == "text\n")
        #expect(documents[1].location.line == 5)
    }

    @Test(
        "what is no part of definitions is refused with its place",
        arguments: [
            (
                "a: 1\nb: 2\na: 3\n",
                "x.yaml:3:1: error: 'a' is written twice in one map; remove one of them; the first is on line 1"
            ),
            (
                "m:\n  k: 1\n  # note\n\n  k: 2\n",
                "x.yaml:5:3: error: 'k' is written twice in one map; remove one of them; the first is on line 2"
            ),
            ("m: {k: 1, k: 2}\n", "x.yaml:1:5: error: 'k' is written twice in one map; remove one of them"),
            (
                "a: &x 1\nb: 2\n",
                "x.yaml:1:4: error: anchors (&) and aliases (*) are no part of definitions; write the value out"
            ),
            ("a: !foo [1]\n", "x.yaml:1:4: error: tags such as !foo are no part of definitions; put text in quotes"),
            ("? [a, b]\n: 1\n", "x.yaml:1:3: error: a name in a map must be plain text"),
            ("a: *x\n", "x.yaml:1:4: error: this is not YAML: found undefined alias"),
            (
                "a: b: c\n",
                "x.yaml:1:5: error: this is not YAML: mapping values are not allowed in this context; put a text that holds ': ' in quotes, and look at the indentation"
            ),
            (
                "a: @x\n",
                "x.yaml:1:4: error: this is not YAML: found character that cannot start any token while scanning for the next token; indent with spaces, and put values in quotes that begin with @, ` or %"
            ),
            (
                "a:\n\tb: 1\n",
                "x.yaml:2:1: error: this is not YAML: found character that cannot start any token while scanning for the next token; indent with spaces, and put values in quotes that begin with @, ` or %"
            ),
        ])
    func refuses(_ text: String, _ wanted: String) {
        #expect(problem(text) == wanted)
    }

    @Test func severalProblemsAreReportedTogether() {
        #expect(problem("a: &x 1\nb: &y 2\n").split(separator: "\n").count == 2)
    }

    @Test func nestingHasABound() {
        let shallow = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(problem(shallow) == "")
        let deep = String(repeating: "[", count: 66) + String(repeating: "]", count: 66)
        #expect(problem(deep) == "x.yaml:1:65: error: maps and lists are nested deeper than 64")
        let deepest = String(repeating: "[", count: 100_000)
        #expect(problem(deepest).hasPrefix("x.yaml:1:"))
    }

    @Test func sizeHasABound() {
        let text = "a: " + String(repeating: "x", count: 1024 * 1024)
        #expect(problem(text) == "x.yaml:1:1: error: the file is larger than 1024 KiB; split it")
    }

    @Test func controlCharactersAreRefusedWithTheirPlace() {
        #expect(problem("a: 1\nb: x\u{7}y\n").hasPrefix("x.yaml:2:5: error: this is not YAML: control characters"))
    }

    @Test func anAliasBombIsRefusedAtItsFirstAnchor() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(problem(text).hasPrefix("x.yaml:1:5: error: anchors"))
    }
}
