import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct SlackWebAPITests {
    @Test func aMessageIsPostedEditedAndAnsweredInItsThread() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let posted = try await fixture.call("chat.postMessage", ["channel": "#ops", "text": "one"]).json
            #expect(posted["ok"] == true)
            #expect(posted["channel"] == "C0OPS")
            let ts = try #require(posted["ts"])
            let edited = try await fixture.call("chat.update", ["channel": "C0OPS", "ts": ts, "text": "two"]).json
            #expect(edited["ok"] == true)
            #expect(edited["text"] == "two")
            let reply = try await fixture.call(
                "chat.postMessage", ["channel": "C0OPS", "thread_ts": ts, "text": "detail"]
            ).json
            #expect(reply.at(path: "message.thread_ts") == ts)
            let messages = fixture.slack.messages(in: "ops")
            #expect(messages.map(\.text) == ["two", "detail"])
            #expect(messages.map(\.edits) == [1, 0])
            #expect(fixture.slack.thread(of: try #require(ts.stringValue), in: "#ops").map(\.text) == ["detail"])
            #expect(fixture.slack.changes.value == 3)
        }
    }

    @Test func aFormIsTakenAsJSONIs() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let body =
                "token=xoxb-test-token&channel=C0OPS&text=a+%26%2B+b&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D"
            let answer = try await ask(
                "POST", "\(try await fixture.slack.url())/api/chat.postMessage",
                [("Content-Type", "application/x-www-form-urlencoded")], body)
            #expect(try answer.json["ok"] == true)
            let message = try #require(fixture.slack.messages(in: "ops").first)
            #expect(message.text == "a &+ b")
            #expect(message.blocks.first?["type"] == "divider")
        }
    }

    @Test(
        arguments: [
            ("chat.postMessage", ["channel": "#nowhere", "text": "x"], "channel_not_found"),
            ("chat.postMessage", ["channel": "C0OPS"], "no_text"),
            (
                "chat.postMessage", ["channel": "C0OPS", "text": "x", "blocks": ["type": "divider"]],
                "invalid_blocks_format"
            ),
            (
                "chat.postMessage", ["channel": "C0OPS", "text": "x", "thread_ts": "1.000000"],
                "cannot_reply_to_message"
            ),
            ("chat.update", ["channel": "#ops", "ts": "1.000000", "text": "x"], "channel_not_found"),
            ("chat.update", ["channel": "C0OPS", "ts": "1.000000", "text": "x"], "message_not_found"),
            ("chat.postEphemeral", ["channel": "C0OPS", "user": "U0NOBODY", "text": "x"], "user_not_in_channel"),
            ("conversations.list", ["limit": 0], "invalid_limit"),
            ("conversations.list", ["cursor": "nonsense"], "invalid_cursor"),
            ("users.info", ["user": "U0NOBODY"], "user_not_found"),
            ("chat.sing", [:], "unknown_method"),
        ] as [(String, JSONValue, String)])
    func whatCannotBeDoneHasSlacksCode(method: String, arguments: JSONValue, code: String) async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let answer = try await fixture.call(method, arguments)
            #expect(answer.status == 200)
            #expect(try answer.json == ["ok": false, "error": .string(code)])
        }
    }

    @Test func onlyTheRightTokenIsTaken() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let wrong = try await fixture.call("auth.test", [:], token: Secret("xoxb-other"))
            #expect(try wrong.json["error"] == "invalid_auth")
            let none = try await ask("POST", "\(try await fixture.slack.url())/api/auth.test")
            #expect(try none.json["error"] == "not_authed")
            #expect(try await fixture.call("auth.test", [:]).json["bot_id"] == "B0DEFIMON")
        }
    }

    @Test(arguments: ["application/json; charset=utf-8", "application/x-www-form-urlencoded", ""])
    func anEmptyBodyHasNoArguments(type: String) async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let headers = [("Content-Type", type), ("Authorization", "Bearer xoxb-test-token")]
            let answer = try await ask(
                "POST", "\(try await fixture.slack.url())/api/auth.test", headers.filter { !$0.1.isEmpty })
            #expect(try answer.json["ok"] == true)
        }
    }

    @Test func anEditedTextMayHave4000BytesAndANewOneMore() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let long = JSONValue.string(String(repeating: "ü", count: 2001))
            let posted = try await fixture.call("chat.postMessage", ["channel": "C0OPS", "text": long]).json
            let ts = try #require(posted["ts"])
            let edit = try await fixture.call("chat.update", ["channel": "C0OPS", "ts": ts, "text": long])
            #expect(try edit.json["error"] == "msg_too_long")
            let longest = JSONValue.string(String(repeating: "ü", count: 2000))
            let fits = try await fixture.call("chat.update", ["channel": "C0OPS", "ts": ts, "text": longest])
            #expect(try fits.json["ok"] == true)
        }
    }

    @Test func aPersonsIdNamesTheirDirectMessages() async throws {
        var configuration = SlackStandIn.Configuration(
            botToken: Secret("xoxb-test-token"), signingSecret: Secret("s"),
            channels: [SlackChannel(id: "C0OPS", name: "ops")],
            users: [SlackUser(id: "U0OLIVIA", name: "olivia", realName: "Olivia", note: "operator")])
        configuration.channels += configuration.users.map(SlackChannel.direct)
        let slack = SlackStandIn(configuration, send: FakeBot().connection)
        try await running([{ try await slack.run() }]) {
            try await withSession { session in
                func call(_ method: String, _ body: JSONValue) async throws -> JSONValue {
                    try JSONValue(
                        parsing: try await session.send(
                            HTTPRequest(
                                method: "POST", url: try await slack.url() + "/api/" + method,
                                headers: [
                                    ("Content-Type", "application/json"), ("Authorization", "Bearer xoxb-test-token"),
                                ], body: body.canonicalBytes)
                        ).body)
                }
                let posted = try await call("chat.postMessage", ["channel": "U0OLIVIA", "text": "one"])
                #expect(posted["channel"] == "D0OLIVIA")
                #expect(slack.messages(in: "@olivia").map(\.text) == ["one"])
                #expect(slack.messages(in: "C0OPS").isEmpty)
                // Others' direct messages are no channels.
                let list = try await call("conversations.list", [:])
                #expect(list["channels"]?.arrayValue?.count == 1)
            }
        }
    }

    @Test func channelsAreListedInPages() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let first = try await fixture.call("conversations.list", ["limit": 1]).json
            #expect(first.at(path: "channels.0.name") == "ops")
            let cursor = try #require(first.at(path: "response_metadata.next_cursor"))
            let second = try await fixture.call("conversations.list", ["limit": 1, "cursor": cursor]).json
            #expect(second.at(path: "channels.0.name") == "oncall")
            #expect(second.at(path: "response_metadata.next_cursor") == "")
        }
    }

    @Test func aSecondMessageWithinASecondGets429InItsChannelOnly() async throws {
        let time = VirtualTime()
        let fixture = SlackFixture(time: time)
        fixture.slack.postingInterval = .seconds(1)
        try await running([{ try await fixture.slack.run() }]) {
            #expect(try await fixture.call("chat.postMessage", ["channel": "#ops", "text": "1"]).status == 200)
            let refused = try await fixture.call("chat.postMessage", ["channel": "C0OPS", "text": "2"])
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "1")
            #expect(try refused.json == ["ok": false, "error": "ratelimited"])
            #expect(try await fixture.call("chat.postMessage", ["channel": "#oncall", "text": "3"]).status == 200)
            time.advance(by: .seconds(1))
            #expect(try await fixture.call("chat.postMessage", ["channel": "C0OPS", "text": "4"]).status == 200)
        }
    }

    @Test func failuresComeAsOftenAsAsked() async throws {
        let fixture = SlackFixture()
        let faults = fixture.slack.faults
        try await running([{ try await fixture.slack.run() }]) {
            faults.tooManyRequests(1, retryAfter: 30)
            faults.internalErrors(2)
            let limited = try await fixture.call("auth.test", [:])
            #expect(limited.status == 429)
            #expect(limited.headers["retry-after"] == "30")
            #expect(try await fixture.call("auth.test", [:]).status == 500)
            #expect(try await fixture.call("auth.test", [:]).status == 500)
            #expect(try await fixture.call("auth.test", [:]).status == 200)
            faults.reset(1)
            await #expect(throws: HTTPError.self) { try await fixture.call("auth.test", [:]) }
            faults.resetAfterwards(1)
            await #expect(throws: HTTPError.self) {
                try await fixture.call("chat.postMessage", ["channel": "C0OPS", "text": "did it arrive?"])
            }
            #expect(fixture.slack.messages(in: "ops").map(\.text) == ["did it arrive?"])
            faults.internalErrors(nil)
            #expect(try await fixture.call("auth.test", [:]).status == 500)
            #expect(try await fixture.call("auth.test", [:]).status == 500)
            faults.clear()
            #expect(try await fixture.call("auth.test", [:]).status == 200)
        }
    }

    @Test func aSlowSlackAnswersWhenItsTimeIsOver() async throws {
        let time = VirtualTime()
        let fixture = SlackFixture(time: time)
        fixture.slack.faults.slow(.seconds(5))
        try await running([{ try await fixture.slack.run() }]) {
            async let answer = fixture.call("auth.test", [:])
            await time.untilSleeping(1)
            time.advance(by: .seconds(5))
            let status = try await answer.status
            #expect(status == 200)
        }
    }
}
