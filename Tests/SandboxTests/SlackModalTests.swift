import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Modals of Slack's stand-in: opened by a trigger within three seconds, and sent as Slack sends them.
@Suite struct SlackModalTests {
    private static let view: JSONValue = [
        "type": "modal", "callback_id": "mine", "private_metadata": "kept",
        "title": ["type": "plain_text", "text": "Deploy"],
        "submit": ["type": "plain_text", "text": "Run"], "close": ["type": "plain_text", "text": "Cancel"],
        "blocks": [
            [
                "type": "input", "block_id": "pool", "optional": false,
                "label": ["type": "plain_text", "text": "Pool"],
                "element": [
                    "type": "static_select", "action_id": "value",
                    "options": [["text": ["type": "plain_text", "text": "Analytics"], "value": "analytics"]],
                ],
            ],
            [
                "type": "input", "block_id": "note", "optional": true, "label": ["type": "plain_text", "text": "Note"],
                "element": ["type": "plain_text_input", "action_id": "value", "initial_value": "none"],
            ],
            [
                "type": "input", "block_id": "force", "optional": true,
                "label": ["type": "plain_text", "text": "Force"],
                "element": [
                    "type": "checkboxes", "action_id": "value",
                    "options": [["text": ["type": "plain_text", "text": "Yes"], "value": "true"]],
                ],
            ],
        ],
    ]

    private func form(_ text: String) -> [String: String] {
        var components = URLComponents()
        components.percentEncodedQuery = text.replacing("+", with: "%20")
        return Dictionary(
            (components.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
    }

    /// Types a command as Olivia; returns its trigger.
    private func trigger(_ fixture: SlackFixture) async throws -> JSONValue {
        try await fixture.slack.type("/defimon deploy", userID: "U0OLIVIA", channel: "ops")
        let request = try #require(fixture.bot.received.last)
        return .string(try #require(form(request.text)["trigger_id"]))
    }

    private func opened(_ fixture: SlackFixture, _ view: JSONValue = SlackModalTests.view) async throws -> JSONValue {
        let trigger = try await trigger(fixture)
        return try await fixture.call("views.open", ["trigger_id": trigger, "view": view]).json
    }

    @Test func `A trigger opens one modal, for the person whose it is`() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let trigger = try await trigger(fixture)
            let arguments: JSONValue = ["trigger_id": trigger, "view": SlackModalTests.view]
            let answer = try await fixture.call("views.open", arguments).json
            #expect(answer["ok"] == true)
            let view = try #require(fixture.slack.view(of: "U0OLIVIA"))
            #expect(answer.at(path: "view.id") == .string(view.id))
            #expect(view.title == "Deploy")
            #expect(fixture.slack.view(of: "U0VICTOR") == nil)
            #expect(try await fixture.call("views.open", arguments).json["error"] == "exchanged_trigger_id")
            let other = try await fixture.call("views.open", ["trigger_id": "1.2.x", "view": SlackModalTests.view]).json
            #expect(other["error"] == "invalid_trigger_id")
        }
    }

    @Test func `A trigger is good for three seconds`() async throws {
        let time = VirtualTime()
        let fixture = SlackFixture(time: time)
        try await running([{ try await fixture.slack.run() }]) {
            let trigger = try await trigger(fixture)
            time.jump(to: time.now.addingTimeInterval(3))
            let answer = try await fixture.call("views.open", ["trigger_id": trigger, "view": SlackModalTests.view])
                .json
            #expect(answer["error"] == "expired_trigger_id")
            #expect(fixture.slack.views.isEmpty)
        }
    }

    @Test func `What is beyond Slack's limits is refused with its place`() async throws {
        let fixture = SlackFixture()
        func changed(_ change: (inout [String: JSONValue]) -> Void) -> JSONValue {
            var members = SlackModalTests.view.objectValue ?? [:]
            change(&members)
            return .object(members)
        }
        func text(_ count: Int) -> JSONValue {
            ["type": "plain_text", "text": .string(String(repeating: "x", count: count))]
        }
        let divider: JSONValue = ["type": "divider"]
        let cases: [(JSONValue, String?)] = [
            (changed { $0["title"] = text(24) }, nil), (changed { $0["title"] = text(25) }, "/title/text"),
            (changed { $0["private_metadata"] = .string(String(repeating: "x", count: 3000)) }, nil),
            (changed { $0["private_metadata"] = .string(String(repeating: "x", count: 3001)) }, "/private_metadata"),
            (changed { $0["blocks"] = .array(Array(repeating: divider, count: 100)) }, nil),
            (changed { $0["blocks"] = .array(Array(repeating: divider, count: 101)) }, "/blocks"),
            (changed { $0["submit"] = nil }, "/submit"), (changed { $0["type"] = "home" }, "/type"),
        ]
        try await running([{ try await fixture.slack.run() }]) {
            for (view, pointer) in cases {
                let answer = try await opened(fixture, view)
                #expect((answer["ok"] == true) == (pointer == nil))
                let messages = answer.at(path: "response_metadata.messages")?.arrayValue ?? []
                if let pointer {
                    #expect(messages.contains { $0.stringValue?.hasSuffix("[json-pointer:\(pointer)]") == true })
                }
            }
        }
    }

    @Test(.enabled(if: WireData.isThere))
    func `A submission has every member of the recorded one, and closes the modal`()
        async throws
    {
        let fixture = SlackFixture()
        let wanted = try JSONValue(parsing: try WireData.bytes("slack/view_submission.json"))
        try await running([{ try await fixture.slack.run() }]) {
            _ = try await opened(fixture)
            let view = try #require(fixture.slack.view(of: "U0OLIVIA"))
            try await fixture.slack.submit(
                view.id, values: ["pool": "analytics", "force": ["true"]], userID: "U0OLIVIA")
            let request = try #require(fixture.bot.received.last)
            #expect(request.path == "/chat/slack/interactions")
            let payload = try JSONValue(parsing: try #require(form(request.text)["payload"]))
            for path in ["", "user", "view"] {
                let missing = Set(wanted.at(path: path)?.objectValue?.keys.map { $0 } ?? [])
                    .subtracting(payload.at(path: path)?.objectValue?.keys.map { $0 } ?? [])
                #expect(missing.isEmpty, "\(path)")
            }
            let values = try #require(payload.at(path: "view.state.values"))
            #expect(values["pool"]?.at(path: "value.selected_option.value") == "analytics")
            #expect(values["note"]?.at(path: "value.value") == "none")
            #expect(values["force"]?.at(path: "value.selected_options.0.value") == "true")
            #expect(payload.at(path: "view.private_metadata") == "kept")
            #expect(fixture.slack.views.isEmpty)
        }
    }

    @Test func `What the bot finds wrong stands in the modal, which stays`() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            _ = try await opened(fixture)
            let view = try #require(fixture.slack.view(of: "U0OLIVIA"))
            // Slack's own client sends nothing that lacks what is required.
            let before = fixture.bot.received.count
            try await fixture.slack.submit(view.id, values: [:], userID: "U0OLIVIA")
            #expect(fixture.bot.received.count == before)
            #expect(fixture.slack.view(of: "U0OLIVIA")?.errors.keys.sorted() == ["pool"])
            fixture.bot.answers { _ in (200, #"{"response_action":"errors","errors":{"note":"too short"}}"#) }
            try await fixture.slack.submit(view.id, values: ["pool": "analytics"], userID: "U0OLIVIA")
            #expect(fixture.slack.view(of: "U0OLIVIA")?.errors == ["note": "too short"])
            fixture.bot.answers { _ in (503, "") }
            try await fixture.slack.submit(view.id, values: ["pool": "analytics"], userID: "U0OLIVIA")
            #expect(fixture.slack.view(of: "U0OLIVIA")?.errors.keys.sorted() == [""])
            await #expect(throws: SandboxInputError.self) {
                try await fixture.slack.submit(view.id, values: [:], userID: "U0VICTOR")
            }
            try fixture.slack.close(view.id, userID: "U0OLIVIA")
            #expect(fixture.slack.views.isEmpty)
        }
    }
}
