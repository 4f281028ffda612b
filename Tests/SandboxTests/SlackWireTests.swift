import Domain
import Sandbox
import TestSupport
import Testing

@Suite(.enabled(if: WireData.isThere)) struct SlackWireTests {
    /// Every member of Slack's own answer is in the stand-in's, with the same kind of value; `skipping` names those that
    /// belong to what was asked in the example alone.
    private func compare(_ wire: JSONValue, _ ours: JSONValue?, skipping: Set<String>, path: String = "") {
        for (name, value) in wire.objectValue ?? [:] where !skipping.contains(name) {
            guard let mine = ours?[name] else {
                Issue.record("\(path)/\(name) is missing")
                continue
            }
            switch (value, mine) {
            case (.object, .object): compare(value, mine, skipping: skipping, path: "\(path)/\(name)")
            case (.string, .string), (.bool, .bool), (.int, .int), (.array, .array), (.null, _): break
            default: Issue.record("\(path)/\(name) is \(mine), Slack has \(value)")
            }
        }
    }

    @Test func answersHaveTheMembersOfSlacks() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            func wire(_ name: String) throws -> JSONValue {
                try JSONValue(parsing: try WireData.bytes("slack/web_api/\(name).json"))
            }
            let posted = try await fixture.call("chat.postMessage", ["channel": "C0OPS", "text": "one"]).json
            compare(try wire("chat.postMessage.response.ok"), posted, skipping: ["attachments"])
            let ts = try #require(posted["ts"])
            let updated = try await fixture.call("chat.update", ["channel": "C0OPS", "ts": ts, "text": "two"]).json
            compare(try wire("chat.update.response.ok"), updated, skipping: [])
            let hidden = try await fixture.call(
                "chat.postEphemeral", ["channel": "C0OPS", "user": "U0UMA", "text": "psst"]
            ).json
            compare(try wire("chat.postEphemeral.response.ok"), hidden, skipping: [])
            compare(try wire("auth.test.response.ok2"), try await fixture.call("auth.test", [:]).json, skipping: [])
            let user = try await fixture.call("users.info", ["user": "U0UMA"]).json
            compare(
                try wire("users.info.response.ok"), user,
                skipping: [
                    "profile", "color", "tz_label", "is_admin", "is_owner", "is_primary_owner", "is_restricted",
                    "is_ultra_restricted", "has_2fa",
                ])
            let list = try await fixture.call("conversations.list", [:]).json
            compare(
                try wire("conversations.list.response.ok").at(path: "channels.0") ?? [:],
                list.at(path: "channels.0"), skipping: ["is_open"])
            let deleted = try await fixture.call("chat.delete", ["channel": "C0OPS", "ts": ts]).json
            compare(try wire("chat.delete.response.ok"), deleted, skipping: [])
        }
    }

    @Test func theRequestsOfTheCorpusAreTaken() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            for name in ["chat.postMessage.request", "chat.postMessage.thread_reply.request", "chat.update.request"] {
                guard case .object(var body) = try JSONValue(parsing: try WireData.bytes("slack/web_api/\(name).json"))
                else { continue }
                body["channel"] = "C0OPS"
                if let ts = fixture.slack.messages(in: "ops").first?.ts {
                    if body["thread_ts"] != nil { body["thread_ts"] = .string(ts) }
                    if body["ts"] != nil { body["ts"] = .string(ts) }
                }
                let method = name.split(separator: ".").prefix(2).joined(separator: ".")
                #expect(try await fixture.call(method, .object(body)).json["ok"] == true, "\(name)")
            }
        }
    }

    @Test func everyErrorOfOursIsOneThatSlackLists() throws {
        let listed = try JSONValue(parsing: try WireData.bytes("slack/web_api/arguments_and_errors.json"))
        for (method, codes) in [
            "chat.postMessage": [
                "channel_not_found", "no_text", "invalid_blocks", "invalid_blocks_format",
                "msg_blocks_too_long", "cannot_reply_to_message", "not_authed", "ratelimited", "unknown_method",
            ],
            "chat.update": ["channel_not_found", "message_not_found", "cant_update_message", "msg_too_long"],
            "chat.postEphemeral": ["user_not_in_channel"], "auth.test": ["invalid_auth"],
            "conversations.list": ["invalid_limit", "invalid_cursor"],
        ] {
            let known = listed[method]?["errors"]?.arrayValue ?? []
            for code in codes { #expect(known.contains(.string(code)), "\(method) \(code)") }
        }
    }
}
