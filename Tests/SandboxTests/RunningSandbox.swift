import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport

/// Runs services while `body` runs, and ends them with it.
func running<Value: Sendable>(
    _ services: [@Sendable () async throws -> Void], _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        for service in services {
            group.addTask {
                try await service()
                return nil
            }
        }
        group.addTask { try await body() }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
        }
        throw CancellationError()
    }
}

/// Keeps what a stand-in sent to the bot, and answers it.
final class FakeBot: Sendable {
    struct Received: Sendable {
        var path: String
        var headers: [String: String]
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct NoAnswer: Error {}

    typealias Answer = @Sendable (Received) async throws -> (status: Int, body: String)

    private let requests = Mutex<[Received]>([])
    private let answer: Mutex<Answer>

    init(_ answer: @escaping Answer = { _ in (200, "") }) { self.answer = Mutex(answer) }

    var received: [Received] { requests.withLock { $0 } }

    func answers(_ answer: @escaping Answer) { self.answer.withLock { $0 = answer } }

    var connection: BotConnection {
        { path, headers, body in
            let request = Received(
                path: path,
                headers: Dictionary(headers.map { ($0.0.lowercased(), $0.1) }, uniquingKeysWith: { $1 }), body: body)
            self.requests.withLock { $0.append(request) }
            return try await self.answer.withLock { $0 }(request)
        }
    }
}

/// A request over real HTTP.
func ask(
    _ method: String = "GET", _ url: String, _ headers: [(String, String)] = [], _ body: String? = nil
) async throws -> HTTPResponse {
    let session = try HTTPSession()
    do {
        let answer = try await session.send(
            HTTPRequest(method: method, url: url, headers: headers, body: body.map { Array($0.utf8) }),
            timeout: .seconds(40))
        await session.shutdown()
        return answer
    } catch {
        await session.shutdown()
        throw error
    }
}

extension HTTPResponse {
    /// The body as JSON.
    var json: JSONValue { get throws { try JSONValue(parsing: body) } }
}

/// A Slack with two channels and three people.
struct SlackFixture {
    let token = Secret("xoxb-test-token")
    let signingSecret = Secret("8f742231b10e8888abcd99yyyzzz85a5")
    let bot: FakeBot
    let slack: SlackStandIn

    init(bot: FakeBot = FakeBot(), time: any TimeSource = SystemTime(), patience: Duration = .seconds(30)) {
        self.bot = bot
        var configuration = SlackStandIn.Configuration(
            botToken: token, signingSecret: signingSecret,
            channels: [
                SlackChannel(id: "C0OPS", name: "ops", topic: "Everything the bot does"),
                SlackChannel(id: "C0ONCALL", name: "oncall", topic: "When a person must look"),
            ],
            users: [
                SlackUser(id: "U0OLIVIA", name: "olivia", realName: "Olivia", note: "operator"),
                SlackUser(id: "U0VICTOR", name: "victor", realName: "Victor", note: "viewer"),
                SlackUser(id: "U0UMA", name: "uma", realName: "Uma", note: "unknown to the bot"),
            ])
        configuration.patience = patience
        slack = SlackStandIn(configuration, time: time, send: bot.connection)
    }

    /// Calls a Web API method with a JSON body and the right token.
    func call(_ method: String, _ arguments: JSONValue, token: Secret? = nil) async throws -> HTTPResponse {
        try await ask(
            "POST", "\(try await slack.url())/api/\(method)",
            [
                ("Content-Type", "application/json; charset=utf-8"),
                ("Authorization", "Bearer \((token ?? self.token).reveal())"),
            ], arguments.canonicalText)
    }
}
