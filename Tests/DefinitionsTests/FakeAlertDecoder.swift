import Domain
import Foundation

/// One event per alert of an Alertmanager payload, enough of it to try the examples of rules.
struct FakeAlertDecoder: EventDecoder {
    let source = Source("alertmanager")
    let fields = [
        EventField("status", "firing or resolved"),
        EventField("labels", isOpen: true, "The labels", kinds: ["alert"]),
        EventField("annotations", isOpen: true, "The annotations", kinds: ["alert"]),
        EventField("fingerprint", "The alert's name", kinds: ["alert"]),
        EventField("commonLabels", isOpen: true, "Labels that all share"),
        EventField("firing", isOpen: true, "Those that fire", kinds: ["group"]),
    ]

    func events(in delivery: Delivery) async throws -> [Event] {
        guard let body = try? JSONValue(parsing: delivery.body), let alerts = body["alerts"]?.arrayValue else {
            throw UndecodableDelivery("it has no alerts")
        }
        return alerts.map { alert in
            let fingerprint = alert["fingerprint"]?.stringValue ?? ""
            let isFiring = alert["status"] == "firing"
            return Event(
                source: source, kind: "alert", contentKey: fingerprint,
                subject: alert.at(path: "labels.alertname")?.plainText ?? "", occurredAt: delivery.receivedAt,
                attributes: alert,
                origin: .alert(
                    AlertState(
                        fingerprint: fingerprint, isFiring: isFiring, startsAt: delivery.receivedAt,
                        endsAt: isFiring ? nil : delivery.receivedAt, groupKey: "")))
        }
    }
}
