import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport

@testable import GitHub

/// Secrets by the name of their environment variable.
struct FixedSecrets: SecretSource {
    var values: [String: String]

    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        guard case .environment(let name) = reference, let value = values[name] else {
            throw MissingSecret("there is no such secret")
        }
        return Secret(value)
    }
}

enum Fixture {
    static let webhookSecret = "It's a Secret to Everybody"
    static let token = "ghp_test_0123456789"
    static let head = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
    static let secrets = FixedSecrets(values: [
        "HOOK": webhookSecret, "HOOK_NEW": "a-newer-webhook-secret", "ACME": "the-secret-of-acme",
        "OTHER": "the-secret-of-other", "TOKEN": token, "EMPTY": "", "NO_PEM": "not a key",
    ])

    static func settings(_ members: [String: JSONValue]) throws -> GitHubSettings {
        var reader = InputReader.reading(LocatedValue(.object(members)))
        let settings = GitHubSettings(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    static func problems(_ members: [String: JSONValue]) -> [String] {
        var reader = InputReader.reading(LocatedValue(.object(members)))
        _ = GitHubSettings(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    /// A delivery as the ingress makes it, signed unless told otherwise.
    static func delivery(
        _ body: some Sequence<UInt8>, kind: String = "push", id: String = "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        secret: String = webhookSecret, hookID: String? = "292430182", contentType: String = "application/json"
    ) -> Delivery {
        let body = Array(body)
        let code = HMACSHA256.code(for: [body], key: Secret(secret))
        var headers = [
            "x-github-event": kind, "x-github-delivery": id, "x-hub-signature-256": "sha256=" + Hex.encode(code),
            "content-type": contentType,
        ]
        headers["x-github-hook-id"] = hookID
        return Delivery(
            source: Source("github"), route: "webhooks", headers: headers, body: body,
            receivedAt: Date(timeIntervalSince1970: 1_790_000_000), remoteAddress: "127.0.0.1")
    }

    static func delivery(_ body: JSONValue, kind: String = "push", secret: String = webhookSecret) -> Delivery {
        delivery(body.canonicalBytes, kind: kind, secret: secret)
    }

    static func events(_ body: JSONValue, kind: String) async throws -> [Event] {
        try await GitHubEventDecoder().events(in: delivery(body, kind: kind))
    }

    /// The one event of a file of the wire data.
    static func wireEvent(_ file: String, kind: String) async throws -> Event {
        let events = try await GitHubEventDecoder().events(
            in: delivery(try WireData.bytes("github/\(file)"), kind: kind))
        guard let event = events.first, events.count == 1 else { throw CocoaError(.fileReadCorruptFile) }
        return event
    }
}

/// Answers one after the other, the last one again and again.
actor Script {
    private var answers: [ScriptedServer.Answer]
    init(_ answers: [ScriptedServer.Answer]) { self.answers = answers }

    func next(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        answers.count > 1 ? answers.removeFirst() : answers[0]
    }
}

/// Runs `body` with a client that speaks, by a token, to a server which answers by `answer`.
func withClient<Value: Sendable>(
    time: VirtualTime = VirtualTime(),
    answering answer:
        @escaping @Sendable (ScriptedServer.Request) async
        -> ScriptedServer.Answer,
    _ body: @escaping @Sendable (GitHubClient, ScriptedServer) async throws -> Value
) async throws -> Value {
    try await withSession { session in
        try await ScriptedServer.run(answering: answer) { server in
            let settings = try Fixture.settings(["token": ["env": "TOKEN"], "api_url": .string(server.url)])
            return try await body(
                try GitHubClient(settings, secrets: Fixture.secrets, session: session, time: time), server)
        }
    }
}

/// An answer of JSON.
func json(_ value: JSONValue, status: Int = 200, headers: [String: String] = [:]) -> ScriptedServer.Answer {
    ScriptedServer.Answer(
        status: status, headers: headers.merging(["Content-Type": "application/json"]) { $1 },
        body: value.canonicalText)
}

/// A call about the repository acme/api.
func acmeCall(
    _ path: String, owner: String = "acme", method: String = "GET", query: [(name: String, value: String)] = [],
    body: JSONValue? = nil
) -> GitHubCall {
    var call = GitHubCall(bot: "/repos/\(owner)/api\(path)", method: method, body: body)
    call.speaker = .owner(owner)
    call.query = query
    return call
}

/// Counts what happened in other tasks.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
