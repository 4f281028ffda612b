import CryptoExtras
import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport

@testable import GoogleCloud

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

/// What was told to the redactor.
final class HeardSecrets: Sendable {
    private let heard = Mutex<[String]>([])

    func add(_ secret: Secret) { heard.withLock { $0.append(secret.reveal()) } }
    var all: [String] { heard.withLock { $0 } }
}

enum Fixture {
    static let project = "example-project"
    static let email = "bot@example-project.iam.gserviceaccount.com"
    static let started = Date(timeIntervalSince1970: 1_790_000_000)

    /// Made for this run.
    static let key: Result<_RSA.Signing.PrivateKey, any Error> = Result {
        try _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    static func keyFile(tokenURL: String = "https://oauth2.googleapis.com/token") throws -> String {
        let json: JSONValue = [
            "type": "service_account", "project_id": .string(project), "private_key_id": "0123abcd",
            "private_key": .string(try key.get().pemRepresentation), "client_email": .string(email),
            "token_uri": .string(tokenURL),
        ]
        return json.canonicalText
    }

    static func settings(_ members: [String: JSONValue]) throws -> GoogleCloudSettings {
        var reader = InputReader.reading(LocatedValue(.object(members)))
        let settings = GoogleCloudSettings(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    static func problems(_ members: [String: JSONValue]) -> [String] {
        var reader = InputReader.reading(LocatedValue(.object(members)))
        _ = GoogleCloudSettings(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    /// All services at one server.
    static func endpoints(_ url: String) -> JSONValue {
        [
            "compute": .string(url), "container": .string(url), "dns": .string(url), "oauth": .string(url),
            "sts": .string(url), "iamcredentials": .string(url), "metadata": .string(url),
        ]
    }

    static func client(
        _ session: HTTPSession, at url: String, credentials: JSONValue = ["service_account": ["env": "KEY"]],
        time: any TimeSource = VirtualTime(now: started), base: String = "/", environment: [String: String] = [:],
        heard: HeardSecrets = HeardSecrets()
    ) throws -> GoogleCloudClient {
        let settings = try settings([
            "project": .string(project), "zone": "europe-west3-a", "credentials": credentials,
            "endpoints": endpoints(url), "disk_prices": ["currency": "EUR", "pd-ssd": .double(0.204)],
        ])
        return try GoogleCloudClient(
            settings, secrets: FixedSecrets(values: ["KEY": try keyFile()]), session: session, time: time, base: base,
            environment: environment, onSecret: { heard.add($0) })
    }

    static func context(
        key: String = "6f1c2d3e-0000-4000-8000-000000000001", attempt: Int = 1, time: any TimeSource = SystemTime(),
        kept: any KeptValues = MemoryKeptValues(), progress: @escaping @Sendable (String) -> Void = { _ in }
    ) -> ActionContext {
        ActionContext(jobID: 42, idempotencyKey: key, attempt: attempt, time: time, kept: kept, progress: progress)
    }

    /// A token as Google answers it.
    static func token(_ text: String = "ya29.first", expiresIn: Int = 3599) -> ScriptedServer.Answer {
        json(["access_token": .string(text), "expires_in": .int(Int64(expiresIn)), "token_type": "Bearer"])
    }

    static func json(_ body: JSONValue, status: Int = 200, headers: [String: String] = [:]) -> ScriptedServer.Answer {
        ScriptedServer.Answer(
            status: status, headers: headers.merging(["Content-Type": "application/json"]) { $1 },
            body: body.canonicalText)
    }
}

extension ScriptedServer.Request {
    /// A body of `application/x-www-form-urlencoded`.
    var form: [String: String] {
        var parts = URLComponents()
        parts.percentEncodedQuery = text
        return Dictionary((parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
    }

    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}
