import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport

@testable import ACME

/// A CA that answers as a test says; what the test leaves open it answers as a CA does.
final class ScriptedCA: Sendable {
    typealias Script = @Sendable (ScriptedServer.Request, ScriptedCA) -> ScriptedServer.Answer?

    private let base = Mutex("")
    private let counts = Mutex<[String: Int]>([:])
    private let script: Script

    private init(_ script: @escaping Script) { self.script = script }

    /// Its URL, without a path.
    var url: String { base.withLock { $0 } }

    /// Which request to that path this is, from 1.
    func count(_ path: String) -> Int { counts.withLock { $0[path, default: 0] } }

    /// Runs one, and a client whose time passes by itself.
    static func run<Value: Sendable>(
        _ script: @escaping Script,
        _ body: @escaping @Sendable (ACMEClient, ScriptedCA, PassingTime) async throws -> Value
    ) async throws -> Value {
        let authority = ScriptedCA(script)
        return try await ScriptedServer.run(answering: { authority.answer($0) }) { server in
            authority.base.withLock { $0 = server.url }
            let time = PassingTime()
            return try await withSession { session in
                let client = ACMEClient(
                    directory: "\(server.url)/dir", key: .make(), session: session, time: time)
                return try await body(client, authority, time)
            }
        }
    }

    private func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        let number = counts.withLock { counts in
            counts[request.path, default: 0] += 1
            return counts[request.path, default: 0]
        }
        if let answer = script(request, self) { return answer }
        switch request.path {
        // The first nonce is asked for.
        case "/dir": return ScriptedCA.json(directory, ["Replay-Nonce": ""])
        case "/nonce": return ScriptedServer.Answer(headers: ["Replay-Nonce": "nonce\(number)"])
        case "/account": return ScriptedCA.json(["status": "valid"], ["Location": "\(url)/account/1"], status: 201)
        default: return ScriptedCA.problem("malformed", "no such thing", status: 404)
        }
    }

    /// Its directory, to which a test may add.
    var directory: [String: Any] {
        [
            "newNonce": "\(url)/nonce", "newAccount": "\(url)/account", "newOrder": "\(url)/order",
            "revokeCert": "\(url)/revoke", "keyChange": "\(url)/key",
        ]
    }

    /// An order for `a.example.org` of one authorization.
    func order(_ status: String, retryAfter: String? = nil) -> ScriptedServer.Answer {
        var headers = ["Location": "\(url)/order/1"]
        headers["Retry-After"] = retryAfter
        return ScriptedCA.json(
            [
                "status": status, "identifiers": [["type": "dns", "value": "a.example.org"]],
                "authorizations": ["\(url)/authorization"], "finalize": "\(url)/finalize",
                "certificate": "\(url)/certificate",
            ], headers)
    }

    /// An authorization of `a.example.org`.
    func authorization(_ status: String, retryAfter: String? = nil) -> ScriptedServer.Answer {
        var headers: [String: String] = [:]
        headers["Retry-After"] = retryAfter
        return ScriptedCA.json(
            ["status": status, "identifier": ["type": "dns", "value": "a.example.org"], "challenges": []], headers)
    }

    static func json(_ value: [String: Any], _ headers: [String: String] = [:], status: Int = 200)
        -> ScriptedServer.Answer
    {
        var answer = ScriptedServer.Answer(status: status)
        answer.headers["Replay-Nonce"] = "again"
        answer.headers.merge(headers) { $1 }
        answer.bytes = (try? JSONSerialization.data(withJSONObject: value)).map(Array.init)  // it is JSON
        return answer
    }

    static func problem(
        _ type: String, _ detail: String, _ headers: [String: String] = [:], status: Int = 400,
        more: [String: Any] = [:]
    ) -> ScriptedServer.Answer {
        let body: [String: Any] = ["type": "urn:ietf:params:acme:error:\(type)", "detail": detail]
        let headers = headers.merging(["Content-Type": "application/problem+json"]) { $1 }
        return json(body.merging(more) { $1 }, headers, status: status)
    }
}

/// Time that passes at once whenever somebody waits, and remembers how long each wait was.
final class PassingTime: TimeSource {
    private let state = Mutex<(now: Date, waits: [Duration])>((Date(timeIntervalSince1970: 1_790_000_000), []))

    var now: Date { state.withLock(\.now) }
    var waits: [Duration] { state.withLock(\.waits) }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.now = state.now.advanced(by: duration)
            state.waits.append(duration)
        }
    }
}
