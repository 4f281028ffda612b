import Domain
import Testing

@Suite struct TemplateTests {
    private let scope: JSONValue = [
        "arguments": ["node": "geth-0", "count": 3, "force": true, "none": .null, "list": ["a", 1]],
        "text": "{{arguments.node}}", "labels": ["a-b": "dash", "x_y": "line"],
    ]

    @Test(
        "a text that is one whole template keeps the type of what it names",
        arguments: [
            ("{{arguments.node}}", "geth-0"), ("{{ arguments.count }}", 3), ("{{arguments.force}}", true),
            ("{{arguments.none}}", .null), ("{{arguments.list}}", ["a", 1]), ("{{arguments.list.1}}", 1),
        ] as [(String, JSONValue)])
    func whole(_ text: String, _ wanted: JSONValue) throws {
        let template = try Template(parsing: text)
        #expect(try template.render(scope) == wanted)
        #expect(template.wholePath != nil)
    }

    @Test(
        "inside a text it becomes text",
        arguments: [
            ("node {{arguments.node}}!", "node geth-0!"), ("{{arguments.node}}{{arguments.count}}", "geth-03"),
            ("{{arguments.none}}.", "."), (" {{arguments.count}}", " 3"), ("{{arguments.list}}!", "[\"a\",1]!"),
            ("no template", "no template"), ("} }} {", "} }} {"), ("{x}", "{x}"), ("", ""),
            ("{{labels.a-b}} {{labels.x_y}}", "dash line"),
        ])
    func mixed(_ text: String, _ wanted: String) throws {
        #expect(try Template(parsing: text).render(scope) == .string(wanted))
    }

    @Test func whatIsFilledInIsNotReadAgain() throws {
        #expect(try Template(parsing: "<{{text}}>").render(scope) == "<{{arguments.node}}>")
    }

    @Test(
        "what is no dotted path is refused",
        arguments: [
            ("{{", "'{{' is never closed by '}}'"), ("a {{b", "'{{' is never closed by '}}'"),
            ("{{}}", "'{{}}' is not a dotted path of letters, digits, '_' and '-'"),
            ("{{a b}}", "'{{a b}}' is not a dotted path of letters, digits, '_' and '-'"),
            ("{{a..b}}", "'{{a..b}}' is not a dotted path of letters, digits, '_' and '-'"),
            ("{{.a}}", "'{{.a}}' is not a dotted path of letters, digits, '_' and '-'"),
            ("{{ä}}", "'{{ä}}' is not a dotted path of letters, digits, '_' and '-'"),
            ("{{#if a}}", "'{{#if a}}' is not a dotted path of letters, digits, '_' and '-'"),
            ("{{{a}}}", "'{{{a}}' is not a dotted path of letters, digits, '_' and '-'"),
        ])
    func refused(_ text: String, _ reason: String) {
        do {
            _ = try Template(parsing: text)
            Issue.record("it was accepted")
        } catch { #expect(error.reason == reason) }
    }

    @Test func aMissingPathIsAnErrorAndNeverEmpty() throws {
        do {
            _ = try Template(parsing: "a {{arguments.nod}}").render(scope)
            Issue.record("it was filled in")
        } catch let error as Template.Missing { #expect(error.path == "arguments.nod") }
    }

    @Test func aLocatedValueIsFilledInEverywhereAndKeepsItsPlaces() throws {
        let place = SourceLocation(file: "x", line: 3, column: 4)
        let value = LocatedValue(["a": ["{{arguments.count}}", "n {{arguments.count}}"], "{{b}}": 1], at: place)
        let rendered = try value.rendered(scope)
        #expect(rendered.json == ["a": [3, "n 3"], "{{b}}": 1])
        #expect(rendered["a"]?.items?.first?.location == place)
    }

    @Test func allTemplatesAndAllProblemsAreFound() {
        let value = LocatedValue(["a": ["{{x}}", "{{"], "b": ["c": "{{y.z}} {{x}}"]])
        var problems: [Problem] = []
        let found = value.templates(&problems)
        #expect(found.flatMap(\.template.paths) == ["x", "y.z", "x"])
        #expect(problems.map(\.message) == ["'{{' is never closed by '}}'"])
    }
}
