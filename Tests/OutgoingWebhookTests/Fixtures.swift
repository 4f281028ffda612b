import Domain
import Foundation

@testable import OutgoingWebhook

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
    static let secret = "an-example-secret"
    static let routingKey = "0123456789abcdef0123456789abcdef"
    static let secrets = FixedSecrets(values: ["SECRET": secret, "KEY": routingKey, "EMPTY": ""])
    static let createdAt = Date(timeIntervalSince1970: 1_790_000_000)

    static func settings(_ value: JSONValue) throws -> OutgoingWebhookSettings {
        var reader = InputReader.reading(LocatedValue(value))
        let settings = OutgoingWebhookSettings(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    static func problems(_ value: JSONValue) -> [String] {
        var reader = InputReader.reading(LocatedValue(value))
        OutgoingWebhookSettings.section.read(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    static func message(
        _ mood: Report.Mood = .running, to name: String = "receiver", subject: String = "job/42",
        slot: OutboxMessage.Slot = .main, title: String = "deploy analytics", blocks: [Report.Block] = [],
        id: Int64 = 7
    ) -> OutboxMessage {
        var message = OutboxMessage(
            place: Place(channel: "webhook", address: name), subject: subject, slot: slot,
            report: Report(mood: mood, title: title, blocks: blocks), createdAt: createdAt)
        message.id = id
        return message
    }
}
