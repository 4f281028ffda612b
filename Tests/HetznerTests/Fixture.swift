import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport

@testable import Hetzner

/// Secrets of the bot's store by their names, and the token by its variable.
final class StoredSecrets: SecretSource {
    static let token = "sandbox-token-of-one-project"

    private let values: Mutex<[String: String]>

    init(_ values: [String: String] = [:]) { self.values = Mutex(values) }

    func put(_ name: String, _ value: String) { values.withLock { $0[name] = value } }

    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        switch reference {
        case .environment("HETZNER_API_TOKEN"): return Secret(Self.token)
        case .stored(let name):
            guard let value = values.withLock({ $0[name] }) else { throw MissingSecret("there is no secret '\(name)'") }
            return Secret(value)
        default: throw MissingSecret("there is no such secret")
        }
    }
}

/// Time that a sleep moves at once: who waits waits for nothing, and the stand-in's actions go on meanwhile.
struct HastyTime: TimeSource {
    let clock: VirtualTime

    var now: Date { clock.now }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        clock.advance(by: duration)
    }
}

enum Fixture {
    static let started = Date(timeIntervalSince1970: 1_790_000_000)

    static func settings(_ members: [String: JSONValue] = [:]) throws -> HetznerSettings {
        var all: [String: JSONValue] = ["token": ["env": "HETZNER_API_TOKEN"]]
        all.merge(members) { $1 }
        var reader = InputReader.reading(LocatedValue(.object(all)))
        let settings = HetznerSettings(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    static func problems(_ members: [String: JSONValue]) -> [String] {
        var reader = InputReader.reading(LocatedValue(.object(members)))
        _ = HetznerSettings(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    static let prices: JSONValue = [
        "currency": "EUR", "servers": ["cx22": .double(3.79), "cx32": .double(6.8)],
        "load_balancers": ["lb11": .double(5.39)], "volume_gb": .double(0.044), "primary_ipv4": .double(0.5),
    ]

    static func client(
        _ session: HTTPSession, at url: String, time: any TimeSource = VirtualTime(now: started),
        secrets: StoredSecrets = StoredSecrets()
    ) throws -> HetznerClient {
        let settings = try settings(["endpoint": .string(url), "location": "fsn1", "prices": prices])
        return try HetznerClient(settings, secrets: secrets, session: session, time: time)
    }

    static func context(
        key: String = "6f1c2d3e-0000-4000-8000-000000000001", attempt: Int = 1, time: any TimeSource = SystemTime(),
        kept: any KeptValues = MemoryKeptValues(), progress: @escaping @Sendable (String) -> Void = { _ in }
    ) -> ActionContext {
        ActionContext(jobID: 42, idempotencyKey: key, attempt: attempt, time: time, kept: kept, progress: progress)
    }

    static func json(_ body: JSONValue, status: Int = 200, headers: [String: String] = [:]) -> ScriptedServer.Answer {
        ScriptedServer.Answer(
            status: status, headers: headers.merging(["Content-Type": "application/json"]) { $1 },
            body: body.canonicalText)
    }

    /// What an answer says that a request was refused.
    static func refusal(_ code: String, status: Int) -> JSONValue {
        ["error": ["code": .string(code), "message": .string("it is \(code)"), "details": .null]]
    }
}

extension JSONValue {
    /// The same map with other members.
    func with(_ members: [String: JSONValue]) -> JSONValue {
        .object((objectValue ?? [:]).merging(members) { $1 })
    }
}
