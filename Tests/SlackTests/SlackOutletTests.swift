import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Slack

@Suite struct SlackOutletTests {
    private let time = VirtualTime()
    private static let ok = #"{"ok":true,"channel":"C123ABC456","ts":"1503435956.000247"}"#

    private func message(
        _ place: Place = Place(channel: "slack", address: "#ops"), slot: OutboxMessage.Slot = .main,
        text: String = "deploy analytics"
    ) -> OutboxMessage {
        OutboxMessage(
            place: place, subject: "job/42", slot: slot, report: Report(mood: .running, title: text),
            createdAt: time.now)
    }

    /// Runs an outlet against a server that gives these answers, the last one again and again.
    private func run(
        _ answers: [ScriptedServer.Answer],
        _ body: @escaping @Sendable (SlackOutlet, ScriptedServer) async throws -> Void
    ) async throws {
        let time = time
        let script = Script(answers)
        try await withSession { session in
            try await ScriptedServer.run(answering: { await script.next($0) }) { server in
                let settings = try Fixture.settings(["api_url": .string(server.url + "/api")])
                try await body(
                    try SlackOutlet(
                        settings, secrets: Fixture.secrets, session: session, time: time, triggerLimit: .seconds(60)),
                    server)
            }
        }
    }

    private actor Script {
        private var answers: [ScriptedServer.Answer]
        init(_ answers: [ScriptedServer.Answer]) { self.answers = answers }

        func next(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
            answers.count > 1 ? answers.removeFirst() : answers[0]
        }
    }

    private func failure(_ outlet: SlackOutlet, _ message: OutboxMessage, existing: String? = nil) async -> OutletError?
    {
        do {
            _ = try await outlet.deliver(message, existing: existing, thread: nil)
            return nil
        } catch { return error }
    }

    // MARK: Ways to deliver

    @Test func aMainMessageIsPosted() async throws {
        try await run([.init(body: Self.ok)]) { outlet, server in
            let reference = try await outlet.deliver(message(), existing: nil, thread: nil)
            #expect(reference == "C123ABC456|1503435956.000247")
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.path == "/api/chat.postMessage")
            #expect(request.headers["authorization"] == "Bearer \(Fixture.token)")
            #expect(request.headers["content-type"] == "application/json; charset=utf-8")
            #expect(!request.text.contains(Fixture.token))
            let body = try JSONValue(parsing: request.body)
            #expect(body["channel"] == "#ops")
            #expect(body["unfurl_links"] == false)
            #expect(body["unfurl_media"] == false)
            #expect(body["parse"] == "none")
            #expect(body["thread_ts"] == nil)
            #expect(body["text"]?.stringValue?.contains("deploy analytics") == true)
            #expect(body["blocks"]?.arrayValue?.isEmpty == false)
        }
    }

    @Test func anExistingMessageIsEditedInItsOwnConversation() async throws {
        try await run([.init(body: Self.ok)]) { outlet, server in
            let reference = try await outlet.deliver(message(), existing: "C9|1.5", thread: nil)
            #expect(reference == "C123ABC456|1503435956.000247")
            let request = try #require(server.requests.first)
            #expect(request.path == "/api/chat.update")
            let body = try JSONValue(parsing: request.body)
            #expect(body["channel"] == "C9")
            #expect(body["ts"] == "1.5")
        }
    }

    /// Also the main message of another subject, where it has its place there.
    @Test(arguments: [OutboxMessage.Slot.thread, .main])
    func messagesGoIntoTheThreadOfAMainMessage(slot: OutboxMessage.Slot) async throws {
        try await run([.init(body: Self.ok)]) { outlet, server in
            _ = try await outlet.deliver(message(slot: slot), existing: nil, thread: "C9|1.5")
            let body = try JSONValue(parsing: try #require(server.requests.first).body)
            #expect(body["channel"] == "C9")
            #expect(body["thread_ts"] == "1.5")
        }
    }

    @Test func aPrivateAnswerGoesToTheResponseURLWithoutTheToken() async throws {
        try await run([.init(body: "ok")]) { outlet, server in
            let place = Place(channel: "slack", address: server.url + "/response/1?x=1", isPrivate: true)
            #expect(try await outlet.deliver(message(place), existing: nil, thread: nil) == nil)
            let request = try #require(server.requests.first)
            #expect(request.path == "/response/1?x=1")
            #expect(request.headers["authorization"] == nil)
            let body = try JSONValue(parsing: request.body)
            #expect(body["response_type"] == "ephemeral")
            #expect(body["replace_original"] == false)
        }
    }

    // Ports of this machine where nobody is: a guard that breaks must not reach anybody.
    @Test(arguments: ["https://127.0.0.1:1/commands/1", "http://127.0.0.1:1/response", "http://localhost:1/latest"])
    func noOtherServerIsAskedInPrivate(url: String) async throws {
        try await run([.init(body: "ok")]) { outlet, server in
            let error = await failure(outlet, message(Place(channel: "slack", address: url, isPrivate: true)))
            #expect(error?.kind == .never)
            #expect(error?.message.contains(url) == false)
            #expect(server.requests.isEmpty)
        }
    }

    // MARK: Errors

    @Test(arguments: [
        "channel_not_found", "not_in_channel", "is_archived", "invalid_auth", "token_revoked", "account_inactive",
        "missing_scope", "invalid_blocks", "msg_too_long", "something_new",
    ])
    func errorsThatStayAreForGood(code: String) async throws {
        try await run([.init(body: #"{"ok":false,"error":"\#(code)"}"#)]) { outlet, _ in
            let error = await failure(outlet, message())
            #expect(error?.kind == .never)
            #expect(error?.message.contains(code) == true)
            #expect(error?.message.contains(Fixture.token) == false)
        }
    }

    @Test(arguments: ["message_not_found", "edit_window_closed", "cant_update_message"])
    func aMessageThatCannotBeEditedIsGone(code: String) async throws {
        try await run([.init(body: #"{"ok":false,"error":"\#(code)"}"#)]) { outlet, _ in
            #expect(await failure(outlet, message(), existing: "C9|1.5")?.kind == .messageGone)
        }
    }

    @Test(arguments: ["", "C9", "C9|", "|1.5", "C9|1.5|2", "C9|abc", "../C9|1.5"])
    func aReferenceThatIsNoneIsGone(reference: String) async throws {
        try await run([.init(body: Self.ok)]) { outlet, server in
            #expect(await failure(outlet, message(), existing: reference)?.kind == .messageGone)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func tooManyRequestsWaitAsLongAsSlackSays() async throws {
        let answer = ScriptedServer.Answer(
            status: 429, headers: ["Retry-After": "30"], body: #"{"ok":false,"error":"ratelimited"}"#)
        try await run([answer, .init(body: Self.ok)]) { outlet, server in
            #expect(await failure(outlet, message(), existing: "C9|1.5")?.kind == .later(after: .seconds(30)))
            // Nobody else asks before that.
            #expect(await failure(outlet, message(), existing: "C9|1.6")?.kind == .later(after: .seconds(30)))
            #expect(server.requests.count == 1)
            time.advance(by: .seconds(30))
            #expect(await failure(outlet, message(), existing: "C9|1.6") == nil)
        }
    }

    @Test func ratelimitedInAGoodStatusIsForLater() async throws {
        try await run([.init(body: #"{"ok":false,"error":"ratelimited"}"#)]) { outlet, _ in
            #expect(await failure(outlet, message())?.kind == .later(after: .seconds(30)))
        }
    }

    @Test(arguments: [
        ScriptedServer.Answer(status: 500, body: "oops"), .init(status: 503, body: ""), .init(body: "<html>"),
        .init(body: #"{"ok":false,"error":"service_unavailable"}"#), .init(body: "[]"),
    ])
    func outagesAreForLater(answer: ScriptedServer.Answer) async throws {
        try await run([answer]) { outlet, _ in
            #expect(await failure(outlet, message())?.kind == .later(after: nil))
        }
    }

    @Test func aServerThatIsNotThereIsForLater() async throws {
        let session = try HTTPSession()
        let settings = try Fixture.settings(["api_url": "http://127.0.0.1:1/api"])
        let outlet = try SlackOutlet(settings, secrets: Fixture.secrets, session: session, time: time)
        let error = await failure(outlet, message())
        await session.shutdown()
        #expect(error?.kind == .later(after: nil))
        #expect(error?.message.contains("refused") == true)
    }

    @Test(arguments: [
        (404, "used_url"), (404, "expired_url"), (410, ""), (500, #"{"ok":false,"error":"invalid_blocks"}"#),
        (200, #"{"ok":false,"error":"used_url"}"#),
    ])
    func aUsedResponseURLIsForGood(status: Int, body: String) async throws {
        try await run([.init(status: status, body: body)]) { outlet, server in
            let place = Place(channel: "slack", address: server.url + "/response/1", isPrivate: true)
            #expect(await failure(outlet, message(place))?.kind == .never)
        }
    }

    @Test func anOutageOfAResponseURLIsForLater() async throws {
        try await run([.init(status: 500, body: "oops")]) { outlet, server in
            let place = Place(channel: "slack", address: server.url + "/response/1", isPrivate: true)
            #expect(await failure(outlet, message(place))?.kind == .later(after: nil))
        }
    }

    @Test func aRedirectIsNotFollowed() async throws {
        try await run([.init(status: 302, headers: ["Location": "http://127.0.0.1:1/"])]) { outlet, server in
            #expect(await failure(outlet, message())?.kind == .never)
            #expect(server.requests.count == 1)
        }
    }

    // MARK: Limits

    @Test func aSecondPostWithinASecondWaitsWithoutAsking() async throws {
        try await run([.init(body: Self.ok)]) { outlet, server in
            _ = try await outlet.deliver(message(), existing: nil, thread: nil)
            #expect(await failure(outlet, message())?.kind == .later(after: .seconds(1)))
            #expect(server.requests.count == 1)
            time.advance(by: .seconds(1))
            #expect(await failure(outlet, message()) == nil)
        }
    }

    @Test func anEmptyTokenIsNotTaken() async throws {
        let settings = try Fixture.settings(["bot_token": ["env": "EMPTY"]])
        let session = try HTTPSession()
        #expect(throws: MissingSecret.self) {
            try SlackOutlet(settings, secrets: Fixture.secrets, session: session, time: time)
        }
        await session.shutdown()
    }

    // MARK: Forms

    private var formMessage: OutboxMessage {
        var message = message(SlackTrigger("1.2.abc")?.place(time.now) ?? Place(channel: "slack", address: "none"))
        message.slot = .single
        message.report.form = Fixture.modal([Fixture.field("pool")])
        return message
    }

    @Test func `A form opens a modal by its trigger`() async throws {
        try await run([.init(body: #"{"ok":true,"view":{"id":"V1"}}"#)]) { outlet, server in
            #expect(try await outlet.deliver(formMessage, existing: nil, thread: nil) == nil)
            let request = try #require(server.requests.first)
            #expect(request.path.hasSuffix("/views.open"))
            #expect(request.headers["authorization"] == "Bearer \(Fixture.token)")
            let body = try JSONValue(parsing: request.body)
            #expect(body["trigger_id"] == "1.2.abc")
            #expect(body.at(path: "view.callback_id") == "defimon:form")
        }
    }

    @Test(arguments: [
        (
            200, #"{"ok":false,"error":"expired_trigger_id"}"#,
            "views.open: expired_trigger_id: the modal came too late for Slack"
        ),
        (429, "", "slow down"), (500, "", "Slack answers 500"), (200, "nonsense", "not JSON"),
    ])
    func `A modal that does not open is not tried again: the next place gets the usage`(
        status: Int, body: String, words: String
    ) async throws {
        try await run([.init(status: status, body: body)]) { outlet, server in
            let error = try #require(await failure(outlet, formMessage))
            #expect(error.kind == .never)
            #expect(error.message.contains(words))
            #expect(server.requests.count == 1)
        }
    }

    @Test func `A form that does not fit into a modal is not sent`() async throws {
        try await run([.init(body: #"{"ok":true}"#)]) { outlet, server in
            var message = formMessage
            message.report.form = Fixture.modal((0..<99).map { Fixture.field("a\($0)") })
            #expect(await failure(outlet, message)?.kind == .never)
            #expect(server.requests.isEmpty)
        }
    }
}
