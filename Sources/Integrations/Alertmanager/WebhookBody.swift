/// Alertmanager's webhook, version 4 (prometheus.io/docs/alerting/latest/configuration, "webhook_config"). Only what is
/// used is read; all else may be there.
struct WebhookBody: Decodable {
    struct Alert: Decodable {
        /// Missing in old bodies, where the group's counts.
        var status: String?
        var labels: [String: String]
        var annotations: [String: String]?
        var startsAt: String?
        var endsAt: String?
        var generatorURL: String?
        /// Missing in old bodies, where it is computed.
        var fingerprint: String?
    }

    var status: String
    var receiver: String?
    var groupKey: String?
    var groupLabels: [String: String]?
    var commonLabels: [String: String]?
    var commonAnnotations: [String: String]?
    var routeLabels: [String: String]?
    var externalURL: String?
    var truncatedAlerts: Int?
    var notificationReason: String?
    var alerts: [Alert]

    enum CodingKeys: String, CodingKey {
        case status, receiver, groupKey, groupLabels, commonLabels, commonAnnotations, routeLabels, externalURL
        case truncatedAlerts, alerts
        case notificationReason = "notification_reason"
    }
}

/// The one member that says what the others mean.
struct WebhookVersion: Decodable {
    var version: String?
}
