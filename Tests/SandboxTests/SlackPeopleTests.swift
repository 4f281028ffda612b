import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct SlackPeopleTests {
    @Test func aSlashCommandIsSignedAndHasSlacksFields() async throws {
        let time = VirtualTime(now: Date(timeIntervalSince1970: 1_531_420_618))
        let fixture = SlackFixture(time: time)
        try await running([{ try await fixture.slack.run() }]) {
            try await fixture.slack.type("/defimon deploy  analytics --plan", userID: "U0OLIVIA", channel: "#ops")
            let request = try #require(fixture.bot.received.first)
            #expect(request.path == "/chat/slack/commands")
            #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
            #expect(request.headers["x-slack-request-timestamp"] == "1531420618")
            let signature = try #require(request.headers["x-slack-signature"])
            let code = try #require(Hex.decode(signature.dropFirst(3)))
            #expect(signature.hasPrefix("v0="))
            #expect(
                HMACSHA256.isValid(
                    code, for: [Array("v0:1531420618:".utf8), request.body], key: fixture.signingSecret))
            let fields = form(request.text)
            #expect(fields["command"] == "/defimon")
            #expect(fields["text"] == "deploy  analytics --plan")
            #expect(fields["user_id"] == "U0OLIVIA")
            #expect(fields["channel_id"] == "C0OPS")
            #expect(fields["response_url"]?.hasPrefix("\(try await fixture.slack.url())/commands/") == true)
        }
    }

    @Test(.enabled(if: WireData.isThere)) func aSlashCommandHasEveryFieldOfTheRecordedOnes() async throws {
        let fixture = SlackFixture()
        let wanted = form(String(decoding: try WireData.bytes("slack/slash_command.signed.form.txt"), as: UTF8.self))
        try await running([{ try await fixture.slack.run() }]) {
            try await fixture.slack.slashCommand(text: "help", userID: "U0UMA", channel: "ops")
            let fields = form(try #require(fixture.bot.received.first).text)
            #expect(Set(wanted.keys).subtracting(fields.keys).isEmpty)
        }
    }

    @Test(arguments: [
        ("Working on it", "Working on it", true),
        (#"{"response_type":"ephemeral","text":"psst"}"#, "psst", true),
        (#"{"text":"also private"}"#, "also private", true),
        (#"{"response_type":"in_channel","text":"hear"}"#, "hear", false),
    ])
    func theImmediateAnswerIsShown(body: String, text: String, isPrivate: Bool) async throws {
        let fixture = SlackFixture(bot: FakeBot { _ in (200, body) })
        try await running([{ try await fixture.slack.run() }]) {
            try await fixture.slack.type("/defimon help", userID: "U0VICTOR", channel: "C0OPS")
            let messages = fixture.slack.messages(in: "ops")
            #expect(messages.map(\.text) == ["/defimon help", text])
            #expect(messages.map(\.onlyFor) == ["U0VICTOR", isPrivate ? "U0VICTOR" : nil])
        }
    }

    @Test func anEmptyAnswerShowsNothingAndAFailureTellsThePerson() async throws {
        let fixture = SlackFixture(bot: FakeBot { _ in (200, "") })
        try await running([{ try await fixture.slack.run() }]) {
            try await fixture.slack.slashCommand(text: "help", userID: "U0VICTOR", channel: "C0OPS")
            #expect(fixture.slack.messages(in: "ops").count == 1)
            fixture.bot.answers { _ in (503, "{}") }
            try await fixture.slack.slashCommand(text: "help", userID: "U0VICTOR", channel: "C0OPS")
            fixture.bot.answers { _ in throw FakeBot.NoAnswer() }
            try await fixture.slack.slashCommand(text: "help", userID: "U0VICTOR", channel: "C0OPS")
            let told = fixture.slack.messages(in: "ops").filter { $0.author == .slack }
            #expect(told.map(\.onlyFor) == ["U0VICTOR", "U0VICTOR"])
            #expect(told.first?.text == "/defimon failed because the app answered 503.")
        }
    }

    @Test func anAnswerAfterThreeSecondsIsTooLate() async throws {
        let time = VirtualTime()
        let bot = FakeBot { _ in
            try await Task.sleep(for: .seconds(600))
            return (200, "late")
        }
        let fixture = SlackFixture(bot: bot, time: time, patience: .seconds(3))
        try await running([{ try await fixture.slack.run() }]) {
            async let done: Void = fixture.slack.slashCommand(text: "help", userID: "U0VICTOR", channel: "C0OPS")
            await time.untilSleeping(1)
            time.advance(by: .seconds(3))
            try await done
            #expect(fixture.slack.messages(in: "ops").last?.text.contains("did not answer within") == true)
        }
    }

    @Test func aPressSendsTheMessageItsButtonAndWhoPressed() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let blocks: JSONValue = [
                SlackBlockTests.actions([SlackBlockTests.button("approve", value: "job 7 & more")])
            ]
            _ = try await fixture.call("chat.postMessage", ["channel": "C0OPS", "text": "t", "blocks": blocks])
            let message = try #require(fixture.slack.messages(in: "ops").first)
            let button = try #require(message.buttons.first)
            try await fixture.slack.press(button, userID: "U0OLIVIA")
            let request = try #require(fixture.bot.received.first)
            #expect(request.path == "/chat/slack/interactions")
            let payload = try JSONValue(parsing: try #require(form(request.text)["payload"]))
            #expect(payload["type"] == "block_actions")
            #expect(payload.at(path: "user.id") == "U0OLIVIA")
            #expect(payload.at(path: "actions.0.value") == "job 7 & more")
            #expect(payload.at(path: "message.ts") == .string(message.ts))
            #expect(payload.at(path: "container.is_ephemeral") == false)
        }
    }

    @Test(.enabled(if: WireData.isThere)) func aPressHasEveryMemberOfTheRecordedOne() async throws {
        let fixture = SlackFixture()
        let wanted = try JSONValue(parsing: try WireData.bytes("slack/written.block_actions.message.json"))
        try await running([{ try await fixture.slack.run() }]) {
            let blocks: JSONValue = [SlackBlockTests.actions([SlackBlockTests.button("approve")])]
            _ = try await fixture.call("chat.postMessage", ["channel": "C0OPS", "text": "t", "blocks": blocks])
            let button = try #require(fixture.slack.messages(in: "ops").first?.buttons.first)
            try await fixture.slack.press(button, userID: "U0OLIVIA")
            let payload = try JSONValue(parsing: try #require(form(fixture.bot.received[0].text)["payload"]))
            for path in ["", "team", "user", "container", "channel", "message"] {
                let missing = Set(wanted.at(path: path)?.objectValue?.keys.map { $0 } ?? [])
                    .subtracting(payload.at(path: path)?.objectValue?.keys.map { $0 } ?? [])
                #expect(missing.isEmpty, "\(path)")
            }
        }
    }

    @Test func nobodyPressesAPrivateButtonOfAnotherPerson() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            let blocks: JSONValue = [SlackBlockTests.actions([SlackBlockTests.button("go")])]
            _ = try await fixture.call(
                "chat.postEphemeral", ["channel": "C0OPS", "user": "U0OLIVIA", "text": "t", "blocks": blocks])
            let button = try #require(fixture.slack.messages(in: "ops").first?.buttons.first)
            await #expect(throws: SandboxInputError.self) {
                try await fixture.slack.press(button, userID: "U0VICTOR")
            }
            try await fixture.slack.press(button, userID: "U0OLIVIA")
            let payload = try JSONValue(parsing: try #require(form(fixture.bot.received[0].text)["payload"]))
            #expect(payload.at(path: "container.is_ephemeral") == true)
            #expect(payload["message"] == nil)
        }
    }

    @Test func aResponseURLTakesFiveMessagesWithinHalfAnHour() async throws {
        let time = VirtualTime()
        let fixture = SlackFixture(time: time)
        try await running([{ try await fixture.slack.run() }]) {
            try await fixture.slack.slashCommand(text: "help", userID: "U0OLIVIA", channel: "ops")
            let url = try #require(form(fixture.bot.received[0].text)["response_url"])
            for number in 1...5 {
                let answer = try await respond(url, ["text": .string("answer \(number)")])
                #expect((answer.status, answer.text) == (200, "ok"))
            }
            let sixth = try await respond(url, ["text": "answer 6"])
            #expect((sixth.status, sixth.text) == (404, "used_url"))
            #expect(fixture.slack.messages(in: "ops").count == 6)
            #expect(fixture.slack.messages(in: "ops").allSatisfy { $0.onlyFor == "U0OLIVIA" })
            try await fixture.slack.slashCommand(text: "help", userID: "U0OLIVIA", channel: "ops")
            let late = try #require(form(fixture.bot.received[1].text)["response_url"])
            time.jump(to: time.now.addingTimeInterval(1801))
            let answer = try await respond(late, ["text": "too late"])
            #expect((answer.status, answer.text) == (404, "expired_url"))
        }
    }

    @Test func aResponseURLReplacesDeletesAndSpeaksToAll() async throws {
        let fixture = SlackFixture()
        try await running([{ try await fixture.slack.run() }]) {
            try await fixture.slack.slashCommand(text: "help", userID: "U0OLIVIA", channel: "ops")
            let url = try #require(form(fixture.bot.received[0].text)["response_url"])
            _ = try await respond(url, ["text": "first"])
            _ = try await respond(url, ["text": "second", "replace_original": "true"])
            #expect(fixture.slack.messages(in: "ops").map(\.text) == ["/defimon help", "second"])
            _ = try await respond(url, ["delete_original": true])
            _ = try await respond(url, ["text": "all", "response_type": "in_channel"])
            #expect(fixture.slack.messages(in: "ops").last?.onlyFor == nil)
            let bad = try await respond(url, ["blocks": [["type": "poem"]]])
            #expect(bad.status == 500)
            #expect(try bad.json["error"] == "invalid_blocks")
        }
    }

    private func respond(_ url: String, _ body: JSONValue) async throws -> HTTPResponse {
        try await ask("POST", url, [("Content-Type", "application/json")], body.canonicalText)
    }
}

/// The fields of a form, decoded by Foundation.
private func form(_ text: String) -> [String: String] {
    var components = URLComponents()
    components.percentEncodedQuery = text.replacing("+", with: "%20")
    return Dictionary(
        (components.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
}
