import Alertmanager
import Domain
import Foundation
import TestSupport

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
    static let secrets = FixedSecrets(values: ["OLD": "old-token", "NEW": "new-token", "BOT": "s3cret", "EMPTY": ""])
    static let receivedAt = Date(timeIntervalSince1970: 1_790_000_000)

    static func settings(_ value: JSONValue) throws -> AlertmanagerSettings {
        var reader = InputReader.reading(LocatedValue(value))
        let settings = AlertmanagerSettings(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    static let usual: JSONValue = [
        "bearer_tokens": [["env": "OLD"], ["env": "NEW"]], "basic": ["bot": ["password": ["env": "BOT"]]],
    ]

    static func delivery(_ body: [UInt8], headers: [String: String] = [:]) -> Delivery {
        Delivery(
            source: Source("alertmanager"), route: "alerts", headers: headers, body: body, receivedAt: receivedAt,
            remoteAddress: "127.0.0.1")
    }

    /// What a body says, but for the group as a whole.
    static func events(_ body: JSONValue, client: AlertmanagerClient? = nil) async throws -> [Event] {
        try await AlertmanagerEventDecoder(client: client).events(in: delivery(body.canonicalBytes))
            .filter { !$0.isGroup }
    }

    /// What a body says of the whole group.
    static func group(_ body: JSONValue, client: AlertmanagerClient? = nil) async throws -> [Event] {
        try await AlertmanagerEventDecoder(client: client).events(in: delivery(body.canonicalBytes))
            .filter(\.isGroup)
    }

    static func alert(_ instance: String, status: JSONValue = "firing", more: [String: JSONValue] = [:]) -> JSONValue {
        let base: [String: JSONValue] = [
            "status": status,
            "labels": ["alertname": "GethDown", "instance": .string(instance), "severity": "critical"],
            "annotations": ["summary": "Geth is down"], "startsAt": "2026-11-22T08:05:31.533788Z",
            "endsAt": status == "resolved" ? "2026-11-22T08:15:00Z" : "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus:9090/graph",
        ]
        return .object(base.merging(more) { $1 })
    }

    static func body(_ alerts: [JSONValue], more: [String: JSONValue] = [:]) -> JSONValue {
        let base: [String: JSONValue] = [
            "version": "4", "status": "firing", "receiver": "ops-bot", "groupKey": "{}:{alertname=\"GethDown\"}",
            "groupLabels": ["alertname": "GethDown"], "commonLabels": ["alertname": "GethDown"],
            "commonAnnotations": [:], "externalURL": "http://alertmanager:9093", "truncatedAlerts": 0,
            "alerts": .array(alerts),
        ]
        return .object(base.merging(more) { $1 })
    }
}
