package import Domain
import Foundation

/// Turns Alertmanager's webhook (version 4) into one event per alert, and one for the whole group. Alerts that `max_alerts` cut off are asked for at
/// the API; what cannot be had is said in an event of its own.
package struct AlertmanagerEventDecoder: EventDecoder {
    package static let source = Source("alertmanager")
    /// Alerts of one delivery, those from the API among them.
    package static let maxAlerts = 10_000
    /// The shared attributes of a group times its alerts, in bytes: a real group's are part of each alert, so that they
    /// stay below the largest body.
    static let maxSharedBytes = 64 * 1024 * 1024

    package var source: Source { AlertmanagerEventDecoder.source }
    private let client: AlertmanagerClient?

    /// `client` is nil when no API is configured.
    package init(client: AlertmanagerClient?) {
        self.client = client
    }

    package let fields: [EventField] =
        [
            EventField("status", "firing or resolved; of a group: firing while any of its alerts fires"),
            EventField("labels", isOpen: true, "The alert's labels", kinds: ["alert"]),
            EventField(
                "annotations", isOpen: true, "The alert's annotations, such as summary and description",
                kinds: ["alert"]),
            EventField(
                "startsAt",
                "When it began to fire (RFC 3339), of a group the first of its alerts; may shift when Prometheus restarts"
            ),
            EventField("endsAt", "When it was resolved (RFC 3339); empty while it fires"),
            EventField("fingerprint", "Alertmanager's name of the alert, made of its labels", kinds: ["alert"]),
            EventField("generatorURL", "The rule's page in Prometheus", kinds: ["alert"]),
            EventField("receiver", "The receiver by which it was sent"),
            EventField("groupKey", "The group in which it was sent"),
            EventField("groupStatus", "firing while any alert of the group fires, else resolved"),
            EventField("groupLabels", isOpen: true, "The labels by which the group is made"),
            EventField("commonLabels", isOpen: true, "Labels that all alerts of the group share"),
            EventField("commonAnnotations", isOpen: true, "Annotations that all alerts of the group share"),
            EventField("routeLabels", isOpen: true, "Labels of the route (from Alertmanager 0.34 on)"),
            EventField("externalURL", "Alertmanager's own page"),
            EventField("notificationReason", "Why it was sent (from Alertmanager 0.32 on): first notification, …"),
            EventField(
                "truncated", "In events of kind truncated: how many alerts were cut off and could not be had",
                kinds: ["alert"]),
            EventField("reason", "In events of kind truncated: why they could not be had", kinds: ["alert"]),
        ] + GroupEvent.fields

    package func events(in delivery: Delivery) async throws -> [Event] {
        let body = try AlertmanagerEventDecoder.body(of: delivery)
        let group = AlertGroup(body)
        var alerts = try AlertmanagerEventDecoder.alerts(of: body)
        var missing = Missing()
        if alerts.count > AlertmanagerEventDecoder.maxAlerts {
            missing.add(
                alerts.count - AlertmanagerEventDecoder.maxAlerts,
                "a delivery may hold at most \(AlertmanagerEventDecoder.maxAlerts) alerts")
            alerts.removeLast(alerts.count - AlertmanagerEventDecoder.maxAlerts)
        }
        if let cut = body.truncatedAlerts, cut > 0 {
            let room = AlertmanagerEventDecoder.maxAlerts - alerts.count
            let found = try await fetch(cut, of: group, besides: alerts, room: room, &missing)
            alerts += found
        }
        guard group.size * max(alerts.count, 1) <= AlertmanagerEventDecoder.maxSharedBytes else {
            throw UndecodableDelivery(
                "the group's labels and annotations take \(group.size) bytes for each of \(alerts.count) alerts, "
                    + "more than \(AlertmanagerEventDecoder.maxSharedBytes) in all")
        }
        var events = alerts.map { $0.event(of: group, receivedAt: delivery.receivedAt) }
        if let whole = GroupEvent(group, alerts, mayFire: missing.mayFire) {
            events.append(whole.event(receivedAt: delivery.receivedAt))
        }
        if missing.count > 0 { events.append(missing.event(of: group, delivery)) }
        return events
    }

    // MARK: Reading

    private static func body(of delivery: Delivery) throws(UndecodableDelivery) -> WebhookBody {
        let data = Data(delivery.body)
        let decoder = JSONDecoder()
        let version: WebhookVersion
        do { version = try decoder.decode(WebhookVersion.self, from: data) } catch {
            throw UndecodableDelivery("the body is not a JSON object of Alertmanager: \(words(error))")
        }
        guard version.version == "4" else {
            let said = version.version.map { "version '\(AlertText.line($0, atMost: 20))'" } ?? "no version"
            throw UndecodableDelivery("the body has \(said); only Alertmanager's webhook version \"4\" is understood")
        }
        do { return try decoder.decode(WebhookBody.self, from: data) } catch {
            throw UndecodableDelivery("the body is not Alertmanager's webhook version 4: \(words(error))")
        }
    }

    /// Where the decoder stopped and why, without anything of the body's contents.
    private static func words(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty
                ? "the body" : path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context): "\(place(context.codingPath + [key])) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(place(context.codingPath)) is of another kind"
        default: "it is not JSON"
        }
    }

    private static func alerts(of body: WebhookBody) throws(UndecodableDelivery) -> [ReadAlert] {
        var seen: Set<[String]> = []
        var alerts: [ReadAlert] = []
        for (index, alert) in body.alerts.enumerated() {
            let status = alert.status ?? body.status
            guard status == "firing" || status == "resolved" else {
                throw UndecodableDelivery("alerts.\(index).status is neither firing nor resolved")
            }
            let given = alert.fingerprint ?? ""
            let fingerprint = AlertFingerprint.isValid(given) ? given : AlertFingerprint.of(alert.labels)
            guard seen.insert([fingerprint, status]).inserted else { continue }
            alerts.append(
                ReadAlert(
                    fingerprint: fingerprint, isFiring: status == "firing", labels: alert.labels,
                    annotations: alert.annotations ?? [:], startsAt: AlertTime.read(alert.startsAt),
                    endsAt: AlertTime.read(alert.endsAt), generatorURL: alert.generatorURL ?? ""))
        }
        return alerts
    }

    // MARK: What was cut off

    /// Alerts that are not in a delivery, and why.
    struct Missing: Sendable {
        var count = 0
        /// How many of them may fire.
        var mayFire = 0
        var reasons: [String] = []

        mutating func add(_ count: Int, _ reason: String, mayFire: Bool = true) {
            guard count > 0 else { return }
            self.count += count
            if mayFire { self.mayFire += count }
            reasons.append(reason)
        }
    }

    private func fetch(
        _ cut: Int, of group: AlertGroup, besides known: [ReadAlert], room: Int, _ missing: inout Missing
    ) async throws -> [ReadAlert] {
        guard let client else {
            missing.add(cut, "Alertmanager cut them off (max_alerts) and alertmanager.api_url is not set")
            return []
        }
        let known = Set(known.map(\.fingerprint))
        do {
            let firing = try await client.firing(groupLabels: group.labels, receiver: group.receiver)
            let others = firing.filter { !known.contains($0.fingerprint) }
            let taken = Array(others.prefix(max(0, room)))
            missing.add(
                others.count - taken.count,
                "a delivery may hold at most \(AlertmanagerEventDecoder.maxAlerts) alerts")
            // The API knows no resolved alerts, so the rest can only be counted.
            missing.add(
                cut - others.count, "Alertmanager cut them off (max_alerts) and its API does not list them as firing",
                mayFire: false)
            return taken
        } catch let error as AlertmanagerClient.Failure {
            missing.add(cut, "Alertmanager cut them off (max_alerts) and its API could not be asked: \(error.message)")
            return []
        }
    }
}

extension ReadAlert {
    fileprivate func event(of group: AlertGroup, receivedAt: Date) -> Event {
        var attributes = group.attributes
        attributes["status"] = isFiring ? "firing" : "resolved"
        attributes["labels"] = AlertGroup.object(labels)
        attributes["annotations"] = AlertGroup.object(annotations)
        attributes["startsAt"] = .string((startsAt ?? receivedAt).formatted(.iso8601))
        let end = isFiring ? nil : endsAt ?? receivedAt
        attributes["endsAt"] = .string(end?.formatted(.iso8601) ?? "")
        attributes["fingerprint"] = .string(fingerprint)
        attributes["generatorURL"] = .string(generatorURL)
        return Event(
            source: AlertmanagerEventDecoder.source, kind: "alert",
            contentKey: "alert/\(fingerprint)/\(isFiring ? "firing" : "resolved")", subject: subject,
            occurredAt: end ?? startsAt ?? receivedAt, attributes: .object(attributes),
            origin: .alert(
                AlertState(
                    fingerprint: fingerprint, isFiring: isFiring, startsAt: startsAt ?? receivedAt, endsAt: end,
                    groupKey: group.key)))
    }
}

extension AlertmanagerEventDecoder.Missing {
    fileprivate func event(of group: AlertGroup, _ delivery: Delivery) -> Event {
        var attributes = group.attributes
        attributes["truncated"] = .int(Int64(count))
        attributes["reason"] = .string(reasons.joined(separator: "; "))
        let name = group.labels["alertname"].map { " of \($0)" } ?? ""
        return Event(
            source: AlertmanagerEventDecoder.source, kind: "truncated",
            contentKey: "truncated/" + Hex.encode(SHA256Digest.of(delivery.body)),
            subject: AlertText.line("\(count) alerts\(name) are not known", atMost: ReadAlert.longestSubject),
            occurredAt: delivery.receivedAt, attributes: .object(attributes), origin: .notice)
    }
}
