import Domain
import Foundation
import Testing
import YAML

@Suite struct KubernetesYAMLTests {
    private func problem(_ text: String) -> String? {
        do {
            _ = try KubernetesYAML.documents(text, file: "m.yaml")
            return nil
        } catch { return error.description }
    }

    /// Text and what `kubectl` 1.37.1 makes of it.
    static let scalars: [(String, JSONValue)] = [
        ("yes", true), ("no", false), ("on", true), ("Off", false), ("y", true), ("N", false), ("TRUE", true),
        ("\"yes\"", "yes"), ("'on'", "on"), ("! yes", "yes"), ("!!str yes", "yes"), ("yES", "yES"), ("~", .null),
        ("null", .null), ("Null", .null), ("\"\"", ""), ("22:22", "22:22"), ("190:20:30", "190:20:30"),
        ("2001-12-14", "2001-12-14"), ("2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"),
        ("2001-12-14 21:59:43", "2001-12-14 21:59:43"), ("0777", 511), ("0o17", 15), ("0b11", 3), ("0x1F", 31),
        ("-0x10", -16), ("+12", 12), ("1_000", 1000), ("08", 8), ("0888", 888), ("1e3", 1000), ("1.0", 1),
        ("1.5", .double(1.5)), (".5", .double(0.5)), ("-.5", .double(-0.5)), ("5.", 5), ("1.2.3", "1.2.3"),
        ("500m", "500m"), ("1Gi", "1Gi"),
        ("-", "-"), ("+", "+"), (".", "."), ("0x", "0x"), ("9223372036854775807", 9_223_372_036_854_775_807),
        ("!!int \"5\"", 5), ("!!float 5", 5), ("=", "="), ("1e", "1e"), ("12e5", 1_200_000), ("_1", "_1"),
        ("1__0", 10), ("0b2", "0b2"), ("1,000", "1,000"), ("0o8", "0o8"), ("-0b11", -3), ("00", 0),
    ]

    @Test("a scalar has the type that Kubernetes' tools give it", arguments: scalars)
    func types(_ text: String, _ wanted: JSONValue) throws {
        let value = text == "-" ? "[\"-\"]" : text
        let object = try #require(try KubernetesYAML.documents("a: \(value)\n", file: "m.yaml").first)
        let read = try #require(object["a"])
        // JSON knows one kind of number.
        #expect(read.canonicalText == (text == "-" ? ["-"] : wanted).canonicalText)
    }

    @Test func namesBecomeTextAsKubectlWritesThem() throws {
        let objects = try KubernetesYAML.documents(
            "data:\n  8080: a\n  yes: b\n  1.5: c\n  \"on\": d\n", file: "m.yaml")
        #expect(objects == [["data": ["8080": "a", "true": "b", "1.5": "c", "on": "d"]]])
    }

    @Test func emptyDocumentsAreLeftOut() throws {
        let text = "---\n# only a comment\n---\nkind: A\n---\n\n---\nnull\n---\nkind: B\n...\n"
        #expect(try KubernetesYAML.documents(text, file: "m.yaml") == [["kind": "A"], ["kind": "B"]])
    }

    @Test func listsAreTakenApart() throws {
        let text = """
            apiVersion: v1
            kind: List
            items:
              - {kind: ConfigMap}
              - kind: ServiceList
                items: [{kind: Service}, {kind: Service}]
            """
        let kinds = try KubernetesYAML.documents(text, file: "m.yaml").map { $0["kind"] }
        #expect(kinds == ["ConfigMap", "Service", "Service"])
        #expect(problem("kind: List\nitems: [1]\n") == "m.yaml:2:9: error: an item of the List is not a map")
    }

    @Test func itemsOfATypedListTakeItsKindAndStandAtTheirOwnPlaces() throws {
        let text = """
            kind: A
            ---
            apiVersion: acme.test/v1
            kind: WidgetList
            items:
              - metadata: {name: a}
              - apiVersion: acme.test/v2
                kind: Gadget
                metadata: {name: b}
            """
        let found = try KubernetesYAML.placed(text, file: "m.yaml")
        #expect(found.map(\.object["kind"]) == ["A", "Widget", "Gadget"])
        #expect(found.map(\.object["apiVersion"]) == [nil, "acme.test/v1", "acme.test/v2"])
        #expect(found.map(\.place.description) == ["m.yaml:1:1", "m.yaml:6:5", "m.yaml:7:5"])
    }

    @Test func listsAreNestedEightDeepAndNoDeeper() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{kind: List, items: [", count: depth) + "{kind: A}"
                + String(repeating: "]}", count: depth)
        }
        #expect(try KubernetesYAML.documents(nested(8), file: "m.yaml").count == 1)
        #expect(problem(nested(9))?.hasSuffix("error: lists are nested deeper than 8") == true)
    }

    @Test func blockScalarsKeepEveryByte() throws {
        let text =
            "a: |\n  #!/bin/sh\n  if true; then\n  \techo \"x: y\"  \n  fi\n\nb: |-\n  one\n\n  two\nc: >\n  fol\n  ded\n\n  next\nd: |+\n  keep\n\n\ne: |2\n    indented\n"
        let object = try #require(try KubernetesYAML.documents(text, file: "m.yaml").first)
        #expect(object["a"] == "#!/bin/sh\nif true; then\n\techo \"x: y\"  \nfi\n")
        #expect(object["b"] == "one\n\ntwo")
        #expect(object["c"] == "fol ded\nnext\n")
        #expect(object["d"] == "keep\n\n\n")
        #expect(object["e"] == "  indented\n")
    }

    @Test func aliasesAndMergeKeysAreFollowed() throws {
        let text = """
            base: &base {a: 1, b: 2}
            other: &other {b: 3, c: 4}
            one:
              <<: *base
              b: own
            many: {<<: [*base, *other], d: 5}
            same: *other
            text: {"<<": x}
            """
        let object = try #require(try KubernetesYAML.documents(text, file: "m.yaml").first)
        #expect(object["one"] == ["a": 1, "b": "own"])
        #expect(object["many"] == ["a": 1, "b": 2, "c": 4, "d": 5])
        #expect(object["same"] == ["b": 3, "c": 4])
        #expect(object["text"] == ["<<": "x"])
    }

    @Test func anAliasBombIsStopped() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]\n"
        }
        #expect(problem(text)?.hasSuffix("error: with its aliases this is more than 200000 values") == true)
        var merges = "a0: &a0 {x: 1}\n"
        for level in 1...30 { merges += "a\(level): &a\(level) {<<: [*a\(level - 1), *a\(level - 1)]}\n" }
        #expect(problem(merges)?.hasSuffix("error: with its aliases this is more than 200000 values") == true)
        let long =
            "a: &a \(String(repeating: "x", count: 500_000))\nb: [\(Array(repeating: "*a", count: 60).joined(separator: ","))]"
        #expect(problem(long)?.hasSuffix("error: with its aliases this is more than 16 MiB") == true)
    }

    @Test(
        "what kubectl would refuse is refused with its place",
        arguments: [
            ("just text\n", "m.yaml:1:1: error: a manifest must be a map, and this is text"),
            ("a: .nan\n", "m.yaml:1:4: error: '.nan' has no form in JSON"),
            ("a: 1\n\"a\": 2\n", "m.yaml:2:1: error: 'a' is written twice in one map"),
            ("yes: 1\ntrue: 2\n", "m.yaml:2:1: error: 'true' is written twice in one map"),
            (
                "a: !!binary aGk=\n",
                "m.yaml:1:4: error: the tag tag:yaml.org,2002:binary is not known to Kubernetes' tools"
            ),
            ("~: 1\n", "m.yaml:1:1: error: a name in a map must be text"),
            ("a: {<<: 1}\n", "m.yaml:1:9: error: '<<' takes a map or a list of maps"),
            (
                "---\na: 1\n---\nb: [\n",
                "m.yaml:5:1: error: this is not YAML: did not find expected node content while parsing a flow node"
            ),
        ])
    func refuses(_ text: String, _ wanted: String) {
        #expect(problem(text) == wanted)
    }

    @Test func oneValueIsReadWithTheSameTyping() throws {
        #expect(
            try KubernetesYAML.value("replicas: 2\nenabled: on\n", file: "s.yaml") == ["replicas": 2, "enabled": true])
        #expect(try KubernetesYAML.value("", file: "s.yaml") == .null)
        #expect(throws: Problem.self) { try KubernetesYAML.value("a: 1\n---\nb: 2\n", file: "s.yaml") }
    }
}
