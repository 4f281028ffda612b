import Domain
import Foundation
import Sandbox
import Testing

@testable import Slack

/// A form as one of Slack's modals, at the edges of what Slack takes.
@Suite struct SlackModalTests {
    private func modal(
        _ fields: [CommandForm.Field], command: String = "scale up", _ change: (inout CommandForm) -> Void = { _ in }
    )
        -> JSONValue?
    {
        var form = Fixture.modal(fields, command: command)
        change(&form)
        return SlackModal(form)?.view
    }

    /// The element of the field `x`.
    private func element(_ kind: CommandForm.Kind, initial: String? = nil) throws -> JSONValue {
        let view = try #require(modal([Fixture.field("x", kind, initial: initial)]))
        let block = try #require(view["blocks"]?.arrayValue?.first { $0["block_id"] == "x" })
        return try #require(block["element"])
    }

    private func letters(_ count: Int, _ letter: String = "x") -> String { String(repeating: letter, count: count) }

    @Test func `Choices are lists, flags and the plan are boxes, the rest are lines; defaults stand there already`()
        throws
    {
        let view = try #require(
            modal([
                Fixture.field("pool", Fixture.choice(["analytics", "ml"]), initial: "ml"),
                Fixture.field("note", isRequired: false, initial: "none"),
                Fixture.field("force", .flag, isRequired: false),
                Fixture.field("careful", .flag, isRequired: false, initial: "true"),
            ]))
        #expect(view["type"] == "modal")
        #expect(view["callback_id"] == "defimon:form")
        #expect(view.at(path: "title.text") == "scale up")
        #expect(view.at(path: "submit.text") == "Run")
        let blocks = try #require(view["blocks"]?.arrayValue)
        #expect(blocks.map { $0["type"] } == ["section", "input", "input", "input", "input", "input"])
        let inputs = Array(blocks.dropFirst())
        #expect(inputs.map { $0["block_id"] } == ["pool", "note", "force", "careful", "--plan"])
        #expect(inputs.map { $0["optional"] } == [false, true, true, true, true])
        #expect(
            inputs.map { $0.at(path: "element.type") } == [
                "static_select", "plain_text_input", "checkboxes", "checkboxes", "checkboxes",
            ])
        #expect(inputs[0].at(path: "element.initial_option.value") == "ml")
        #expect(inputs[1].at(path: "element.initial_value") == "none")
        #expect(inputs[1].at(path: "hint.text") == "Text; none unless given")
        #expect(inputs[2].at(path: "element.initial_options") == nil)
        #expect(inputs[3].at(path: "element.initial_options.0.value") == "true")
        #expect(inputs[4].at(path: "element.initial_options") == nil)
    }

    @Test(arguments: [(24, 24), (25, 24)])
    func `A title has 24 characters`(length: Int, wanted: Int) throws {
        let view = try #require(modal([], command: letters(length)))
        let title = try #require(view.at(path: "title.text")?.stringValue)
        #expect(title.count == wanted)
        #expect(title.hasSuffix("(cut)") == (length > 24))
    }

    @Test(arguments: [(75, true), (76, false)])
    func `An option shows 75 characters, and its value stays whole`(length: Int, isWhole: Bool) throws {
        let list = try element(Fixture.choice([letters(length), "y"]))
        let shown = try #require(list.at(path: "options.0.text.text")?.stringValue)
        #expect(shown.count == 75)
        #expect((shown == letters(length)) == isWhole)
        #expect(list.at(path: "options.0.value") == .string(letters(length)))
    }

    @Test(arguments: [(100, "static_select"), (101, "plain_text_input"), (0, "plain_text_input")])
    func `A list has a hundred options; more are a line`(count: Int, type: String) throws {
        #expect(try element(Fixture.choice((0..<count).map { "option-\($0)" }))["type"] == .string(type))
    }

    @Test(arguments: [(150, "static_select"), (151, "plain_text_input")])
    func `An option's value has 150 characters; with a longer one it is a line`(length: Int, type: String) throws {
        #expect(try element(Fixture.choice([letters(length), "y"]))["type"] == .string(type))
    }

    @Test func `Options that look the same are a line`() throws {
        let list = Fixture.choice([letters(80) + "a", letters(80) + "b"])
        #expect(try element(list)["type"] == "plain_text_input")
    }

    @Test(arguments: [(3000, true), (3001, false)])
    func `A default of more than 3,000 characters is not put there`(length: Int, isThere: Bool) throws {
        let line = try element(.text, initial: letters(length))
        #expect((line["initial_value"] == .string(letters(length))) == isThere)
        #expect(line["max_length"] == 3000)
    }

    @Test(arguments: [(98, true), (99, false)])
    func `A modal has a hundred blocks; a command with more arguments has none`(count: Int, isThere: Bool) {
        // The summary and the plan are two of them.
        #expect((modal((0..<count).map { Fixture.field("a\($0)") }) != nil) == isThere)
    }

    @Test func `What Slack keeps for us has 3,000 characters`() throws {
        func metadata(_ length: Int) -> JSONValue? {
            modal([]) { $0.placeName = letters(length) }?["private_metadata"]
        }
        let fixed = try #require(metadata(1)?.stringValue).count - 1
        #expect(metadata(3000 - fixed)?.stringValue?.count == 3000)
        #expect(metadata(3001 - fixed) == nil)
    }

    @Test func `A view is at most 200,000 bytes`() throws {
        // Lists that fill most of it, and defaults that fill the rest; above 500 a default's hint is cut.
        let list = Fixture.choice((0..<100).map { "\($0)-\(letters(140))" })
        func view(_ padding: Int) -> JSONValue? {
            let lines = (0..<20).map { index in
                let length = 600 + padding / 20 + (index < padding % 20 ? 1 : 0)
                return Fixture.field("line\(index)", initial: letters(length))
            }
            return modal((0..<5).map { Fixture.field("list\($0)", list) } + lines)
        }
        let base = try #require(view(0)).canonicalBytes.count
        #expect(view(200_000 - base)?.canonicalBytes.count == 200_000)
        #expect(view(200_001 - base) == nil)
    }

    @Test func `Slack's stand-in takes every modal at its edges`() async throws {
        let forms = [
            Fixture.modal((0..<98).map { Fixture.field("a\($0)") }, command: letters(60)),
            Fixture.modal([
                Fixture.field(
                    "x", Fixture.choice((0..<100).map { "\($0)-\(letters(140))" }), initial: "7-\(letters(140))"),
                Fixture.field("y", initial: letters(3000)), Fixture.field("z", .flag, initial: "true"),
                Fixture.field("👩‍🚀", Fixture.choice([letters(80, "👩‍🚀"), ""]), initial: letters(70, "👩‍🚀")),
            ]),
            Fixture.modal([]),
        ]
        for form in forms {
            let view = try #require(SlackModal(form)?.view)
            #expect(SlackView.problems(in: view) == [])
        }
    }

    // MARK: Submissions

    private func request(_ payload: JSONValue) async throws -> CommandRequest? {
        let events = try await SlackEventDecoder(Fixture.settings()).events(
            in: Fixture.delivery(Fixture.form(payload), route: "interactions"))
        guard case .request(let request) = try #require(events.first).origin else { return nil }
        return request
    }

    @Test func `A submission is the command line of who sent it, where the form was asked for`() async throws {
        let request = try #require(try await request(Fixture.submission(count: "say \"hi\" --plan", isPlanOnly: true)))
        let words = try CommandLine.words(request.text)
        #expect(words == ["scale", "up", "count=say \"hi\" --plan", "force=false", "pool=analytics", "--plan"])
        #expect(request.identity == Identity(channel: "slack", userID: "U1"))
        #expect(request.reportTo == Place(channel: "slack", address: "C1"))
        #expect(request.placeName == "ops")
        #expect(request.answerTo?.address == "https://hooks.slack.com/commands/T1/1/abc")
        #expect(request.answerTo?.usableUntil == Date(timeIntervalSince1970: 1_790_001_800))
        #expect(request.formTo == nil)
    }

    @Test func `What was left empty is not given`() async throws {
        let request = try #require(try await request(Fixture.submission(count: nil)))
        #expect(request.text == "scale up force=false pool=analytics")
        let empty = try #require(try await self.request(Fixture.submission(count: "")))
        #expect(empty.text == request.text)
    }

    @Test func `What the modal kept is what comes back`() throws {
        let form = Fixture.modal([Fixture.field("pool")])
        let view = try #require(SlackModal(form)?.view)
        let origin = try #require(view["private_metadata"]?.stringValue.flatMap(SlackFormOrigin.init))
        #expect(origin.command == "scale up")
        #expect((origin.channel, origin.channelName) == ("C1", "ops"))
        #expect(origin.responseURL == form.answerTo?.address)
        #expect(origin.answersUntil == form.answerTo?.usableUntil)
    }

    @Test(arguments: [
        "", "{}", "[]", "nonsense", "{\"command\":\"\"}", "{\"command\":3}",
        "{\"command\":\"x\",\"name\":\"\(String(repeating: "y", count: 3000))\"}",
    ])
    func `A submission that does not bear what we wrote is a notice`(metadata: String) async throws {
        #expect(try await request(Fixture.submission(count: "3", metadata: metadata)) == nil)
    }

    @Test func `A response URL of another server is not followed, wherever it comes from`() async throws {
        let metadata: JSONValue = ["command": "x", "channel": "C1", "url": "https://evil.example/1"]
        let request = try #require(
            try await request(Fixture.submission(count: "3", metadata: metadata.canonicalText)))
        #expect(request.answerTo == nil)
    }

    // MARK: Triggers

    @Test func `A slash command and a press can open a modal for three seconds`() async throws {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        for body in [Fixture.command, Fixture.form(Fixture.press(action: "defimon:run:0", value: "deploy"))] {
            let events = try await SlackEventDecoder(Fixture.settings()).events(in: Fixture.delivery(body))
            guard case .request(let request) = try #require(events.first).origin else {
                Issue.record("it asks for nothing")
                continue
            }
            let place = try #require(request.formTo)
            #expect(place.isPrivate && place.usableUntil == now.advanced(by: .seconds(3)))
            #expect(place.description == "slack:(private answer)")
            #expect(SlackTrigger(place) != nil)
        }
    }

    @Test(arguments: ["", "a b", "<!here>", "x/y", String(repeating: "1", count: 256)])
    func `What cannot be a trigger opens nothing`(id: String) { #expect(SlackTrigger(id) == nil) }

    @Test func `Only a private place that says so is a trigger`() {
        #expect(SlackTrigger(Place(channel: "slack", address: "trigger/1.2", isPrivate: false)) == nil)
        #expect(SlackTrigger(Place(channel: "slack", address: "https://x/trigger/1.2", isPrivate: true)) == nil)
    }
}
