import Domain

/// What all alerts of one delivery share.
struct AlertGroup: Sendable {
    var status: String
    var receiver: String
    var key: String
    var labels: [String: String]
    /// The members that every alert of the group has among its attributes.
    var attributes: [String: JSONValue]

    init(_ body: WebhookBody) {
        status = body.status
        receiver = body.receiver ?? ""
        key = body.groupKey ?? ""
        labels = body.groupLabels ?? [:]
        attributes = [
            "receiver": .string(receiver),
            "groupKey": .string(key),
            "groupStatus": .string(status),
            "groupLabels": AlertGroup.object(labels),
            "commonLabels": AlertGroup.object(body.commonLabels ?? [:]),
            "commonAnnotations": AlertGroup.object(body.commonAnnotations ?? [:]),
            "routeLabels": AlertGroup.object(body.routeLabels ?? [:]),
            "externalURL": .string(body.externalURL ?? ""),
            "notificationReason": .string(body.notificationReason ?? ""),
        ]
    }

    /// About how many bytes the shared attributes take.
    var size: Int { attributes.values.reduce(0) { $0 + $1.canonicalText.utf8.count } }

    static func object(_ members: [String: String]) -> JSONValue { .object(members.mapValues(JSONValue.string)) }
}
