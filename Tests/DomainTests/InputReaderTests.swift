import Domain
import Testing

@Suite struct InputReaderTests {
    private enum Kind: String, CaseIterable { case one, two }

    private struct Everything {
        var text: String, standard: String, optional: String?, number: Int, span: Duration, size: Quantity, flag: Bool
        var kind: Kind?, texts: [String], map: [String: String], any: JSONValue, secret: SecretReference?

        init(_ input: inout InputReader) {
            text = input.text("text", "A text", pattern: try? Pattern("[a-z]+"))
            standard = input.text("standard", "A text with a default", default: "usual")
            optional = input.optionalText("optional", "May be left out")
            number = input.integer("number", "A number", in: 1...9, default: 5)
            span = input.duration("span", "A time", default: .seconds(60))
            size = input.quantity("size", "An amount")
            flag = input.flag("flag", "A flag")
            kind = input.choice("kind", "A kind", of: Kind.self, default: .one)
            texts = input.texts("texts", "Texts")
            map = input.textMap("map", "A map")
            any = input.any("any", "Anything")
            secret = input.secret("secret", "A secret", isRequired: false)
        }
    }

    private func value(_ json: JSONValue) -> LocatedValue {
        LocatedValue(json, at: SourceLocation(file: "f", line: 1, column: 1))
    }

    @Test func everyKindIsRead() {
        var reader = InputReader.reading(
            value([
                "text": "abc", "standard": "own", "optional": "o", "number": 7, "span": "2m", "size": "1GiB",
                "flag": true, "kind": "two", "texts": ["a"],
                "map": ["k": "v"], "any": [1], "secret": ["env": "NAME"],
            ]))
        let read = Everything(&reader)
        reader.finish()
        #expect(reader.problems == [])
        #expect(read.text == "abc" && read.standard == "own" && read.optional == "o" && read.number == 7)
        #expect(read.span == .seconds(120) && read.size.bytes == 1 << 30 && read.flag && read.kind == .two)
        #expect(read.texts == ["a"] && read.map == ["k": "v"] && read.any == [1] && read.secret == .environment("NAME"))
    }

    @Test func defaultsStandIn() {
        var reader = InputReader.reading(value(["text": "a", "size": 5, "optional": .null]))
        let read = Everything(&reader)
        reader.finish()
        #expect(reader.problems == [])
        #expect(read.standard == "usual" && read.optional == nil && read.number == 5 && read.span == .seconds(60))
        #expect(read.size.bytes == 5 && !read.flag && read.kind == .one && read.texts.isEmpty && read.any == .null)
    }

    @Test func allProblemsAreFoundInOnePass() {
        var reader = InputReader.reading(
            value([
                "text": "A", "number": 10, "span": "soon", "flag": "yes", "kind": "three", "texts": "a",
                "map": ["k": 1], "secret": "s", "nmber": 1,
            ]))
        _ = Everything(&reader)
        reader.finish()
        #expect(
            reader.problems.map(\.description) == [
                "f:1:1: error: input 'text' is 'A', which does not fit; it must be text that matches [a-z]+",
                "f:1:1: error: input 'number' is '10', which does not fit; it must be a whole number from 1 to 9",
                "f:1:1: error: input 'span' is 'soon', which does not fit; it must be a time span such as 90s or 2h30m",
                "f:1:1: error: input 'size' is missing; it is an amount such as 50GiB",
                "f:1:1: error: input 'flag' is 'yes', which does not fit; it must be true or false",
                "f:1:1: error: input 'kind' is 'three', which does not fit; it must be one of one, two",
                "f:1:1: error: input 'texts' is 'a', which does not fit; it must be a list, each item text",
                "f:1:1: error: input 'map' is a map, which does not fit; it must be a map, each value text",
                "f:1:1: error: input 'secret' is text, which does not fit; it must be a secret's place, {env: NAME}, {file: path} or {stored: name}",
                "f:1:1: error: unknown input 'nmber'; did you mean 'number'?",
            ])
    }

    @Test func theDescriptionIsMadeByTheSameCode() {
        var reader = InputReader.describing()
        _ = Everything(&reader)
        #expect(reader.problems == [])
        #expect(
            reader.fields.map(\.name) == [
                "text", "standard", "optional", "number", "span", "size", "flag", "kind", "texts", "map", "any",
                "secret",
            ])
        #expect(reader.fields.filter(\.isRequired).map(\.name) == ["text", "size"])
        #expect(
            reader.fields[3].defaultText == "5" && reader.fields[4].defaultText == "1m"
                && reader.fields[7].defaultText == "one")
    }

    @Test(
        "before a run templates are checked by type",
        arguments: [
            ("number", "{{n}}", nil),
            (
                "number", "{{t}}",
                "input 'number' must be a whole number from 1 to 9, and {{t}} is text; declare it as type integer"
            ),
            ("number", "{{unknown}}", nil),
            (
                "number", "a{{n}}",
                "input 'number' must be a whole number from 1 to 9, and this is text; use one whole template, such as \"{{arguments.number}}\""
            ),
            ("standard", "x {{n}}", nil),
            (
                "standard", "{{l}}",
                "input 'standard' must be text, and {{l}} is a list, each item text; declare it as type text"
            ),
            ("kind", "{{c}}", nil),
            (
                "kind", "{{cc}}",
                "input 'kind' must be one of one, two, and {{cc}} is one of one, three; declare it as type choice"
            ), ("span", "{{d}}", nil),
            (
                "flag", "{{n}}",
                "input 'flag' must be true or false, and {{n}} is a whole number; declare it as type flag"
            ),
        ] as [(String, String, String?)])
    func checksTemplates(_ name: String, _ text: String, _ wanted: String?) {
        let types: [String: ValueType] = [
            "n": .integer(nil), "t": .text(nil), "l": .list(.text(nil)), "c": .choice(["one"]),
            "cc": .choice(["one", "three"]), "d": .duration,
        ]
        var reader = InputReader.checking(
            value(["text": "a", "size": 1, .init(name): .string(text)]), typeOf: { types[$0] })
        _ = Everything(&reader)
        reader.finish()
        #expect(reader.problems.map { $0.message + ($0.fix.map { "; \($0)" } ?? "") } == (wanted.map { [$0] } ?? []))
    }

    @Test(
        "a whole template passes a value of any kind to an input that takes it",
        arguments: [
            ("any", ValueType.list(.any), nil), ("any", .any, nil), ("any", .map(.text(nil)), nil),
            ("list", .list(.any), nil), ("list", .list(.map(.any)), nil), ("list", .any, nil),
            ("list", .map(.any), "input 'list' must be a list, each item any value, and {{v}} is a map"),
            ("list", .integer(nil), "input 'list' must be a list, each item any value, and {{v}} is a whole number"),
        ] as [(String, ValueType, String?)])
    func wholeValues(_ name: String, _ type: ValueType, _ wanted: String?) {
        func read(_ input: inout InputReader) -> (JSONValue, [JSONValue]) {
            (input.any("any", "Anything"), input.list("list", "Things"))
        }
        var checking = InputReader.checking(value([.init(name): "{{v}}"]), typeOf: { _ in type })
        _ = read(&checking)
        #expect(checking.problems.first.map { String($0.message.prefix(wanted?.count ?? 0)) } == wanted)
        var reading = InputReader.reading(value(["any": ["a": [1]], "list": [["a": 1], 2]]))
        let (any, list) = read(&reading)
        #expect(reading.problems == [] && any == ["a": [1]] && list == [["a": 1], 2])
    }

    @Test func sectionsByNameAreReadEachForItself() {
        func read(_ input: inout InputReader) -> [String: String] {
            input.named("nodes", "Nodes") { _, node in node.text("url", "Where") }
        }
        var reader = InputReader.reading(value(["nodes": ["a": ["url": "x"], "b": ["ulr": "y"]]]))
        let nodes = read(&reader)
        reader.finish()
        #expect(nodes == ["a": "x", "b": ""])
        #expect(reader.problems.map(\.message) == ["input 'url' is missing", "unknown input 'ulr'"])
        var description = InputReader.describing()
        _ = read(&description)
        #expect(description.fields.first?.nested.map(\.name) == ["url"])
    }

    private struct Outer {
        var inner: String?, number: Int

        init(_ input: inout InputReader) {
            inner = input.section("app", "An app") { $0.text("id", "Its id") }
            number = input.integer("number", "A number", in: 1...9)
        }
    }

    @Test func aSectionIsReadByItself() {
        var reader = InputReader.reading(value(["app": ["id": "7"], "number": 3]))
        let outer = Outer(&reader)
        reader.finish()
        #expect(reader.problems == [])
        #expect(outer.inner == "7")
        #expect(outer.number == 3)
        var none = InputReader.reading(value(["number": 3]))
        #expect(Outer(&none).inner == nil)
        #expect(none.problems == [])
    }

    @Test func problemsOfASectionAndAMissingNumberAreFound() {
        var reader = InputReader.reading(value(["app": ["key": "x"]]))
        _ = Outer(&reader)
        reader.finish()
        #expect(reader.problems.count == 3)
        var description = InputReader.describing()
        _ = Outer(&description)
        #expect(description.fields[0].isSection)
        #expect(description.fields[0].nested.map(\.name) == ["id"])
        #expect(description.fields[1].isRequired)
    }

    @Test func whatIsNoMapIsAProblem() {
        let reader = InputReader.reading(value(["a"]))
        #expect(reader.problems.map(\.description) == ["f:1:1: error: a map is wanted here, not a list"])
    }
}
