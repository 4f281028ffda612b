import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport

@testable import Registry

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

/// Collects what was told about secrets.
final class Collector: Sendable {
    private let values = Mutex<[String]>([])
    var all: [String] { values.withLock { $0 } }
    func add(_ secret: Secret) { values.withLock { $0.append(secret.reveal()) } }
}

enum Fixture {
    static let password = "a-pull-secret"
    static let secrets = FixedSecrets(values: ["PULL": password])
    static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    static let now = Date(timeIntervalSince1970: 1_790_000_000)

    static func settings(_ value: JSONValue) throws -> RegistrySettings {
        var reader = InputReader.reading(LocatedValue(value))
        let settings = RegistrySettings(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    static func problems(_ value: JSONValue) -> [String] {
        var reader = InputReader.reading(LocatedValue(value))
        RegistrySettings.section.read(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    static func context(_ time: any TimeSource) -> ActionContext {
        ActionContext(
            jobID: JobID(1), idempotencyKey: "00000000-0000-4000-8000-000000000000", attempt: 1, time: time,
            progress: { _ in })
    }

    /// The action as a step of a definition makes it.
    static func action(_ image: JSONValue, _ registries: RegistryDirectory) throws -> ImageAction {
        var reader = InputReader.reading(LocatedValue(["image": image]))
        let action = ImageAction(&reader, registries)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return action
    }
}
