import Domain
import Foundation

/// The bytes that Alertmanager posts to a webhook, version "4": members in its order, labels sorted, `<`, `>` and `&`
/// escaped, a line break at the end.
enum AlertmanagerBody {
    /// An alert as it stands.
    struct Alert: Sendable {
        var labels: [String: String]
        var annotations: [String: String]
        var startsAt: Date
        /// Nil while it fires.
        var endsAt: Date?
    }

    static func bytes(
        _ alert: Alert, groupBy: [String], receiver: String, externalURL: String
    ) -> [UInt8] {
        let group = alert.labels.filter { groupBy.contains($0.key) }
        let status = alert.endsAt == nil ? "firing" : "resolved"
        let members: [(String, String)] = [
            ("receiver", text(receiver)), ("status", text(status)), ("alerts", "[" + json(alert, status) + "]"),
            ("groupLabels", map(group)), ("commonLabels", map(alert.labels)),
            ("commonAnnotations", map(alert.annotations)), ("externalURL", text(externalURL)),
            ("version", text("4")), ("groupKey", text(groupKey(group))), ("truncatedAlerts", "0"),
        ]
        return Array((object(members) + "\n").utf8)
    }

    /// `{}:{alertname="GethDown", instance="geth-0:6060"}`.
    static func groupKey(_ labels: [String: String]) -> String {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\(JSONValue.string($0.value).canonicalText)" }
        return "{}:{" + pairs.joined(separator: ", ") + "}"
    }

    /// RFC 3339 with milliseconds, UTC; nil: Go's zero time.
    static func time(_ date: Date?) -> String {
        guard let date else { return "0001-01-01T00:00:00Z" }
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private static func json(_ alert: Alert, _ status: String) -> String {
        object([
            ("status", text(status)), ("labels", map(alert.labels)), ("annotations", map(alert.annotations)),
            ("startsAt", text(time(alert.startsAt))), ("endsAt", text(time(alert.endsAt))),
            ("generatorURL", text("http://prometheus.sandbox.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1")),
            ("fingerprint", text(AlertFingerprint.of(alert.labels))),
        ])
    }

    private static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(text($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    private static func map(_ values: [String: String]) -> String {
        object(values.sorted { $0.key < $1.key }.map { ($0.key, text($0.value)) })
    }

    /// A JSON string as Go's encoder writes it.
    private static func text(_ value: String) -> String {
        JSONValue.string(value).canonicalText.replacing("&", with: "\\u0026").replacing("<", with: "\\u003c")
            .replacing(">", with: "\\u003e")
    }
}
