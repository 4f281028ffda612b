package import Domain
import Foundation

/// Turns GitHub's deliveries into events: a comment that begins with `/defimon` asks for a command, all else is a
/// notice. Each delivery is one event, of the kind that its `X-GitHub-Event` says.
package struct GitHubEventDecoder: EventDecoder {
    package static let source = Source("github")

    package var source: Source { GitHubEventDecoder.source }
    package var fields: [EventField] { GitHubEventFields.all }

    package init() {}

    package func events(in delivery: Delivery) async throws -> [Event] {
        guard let kind = delivery.headers[GitHubHeader.event], GitHubHeader.isEvent(kind) else {
            throw UndecodableDelivery("the delivery has no X-GitHub-Event header")
        }
        guard let json = DeliveryBody.json(delivery.body) else {
            throw UndecodableDelivery("the form's payload is not percent-encoded as forms are")
        }
        let payload: WebhookPayload
        do { payload = try JSONDecoder().decode(WebhookPayload.self, from: Data(json)) } catch {
            throw UndecodableDelivery("the body is not a JSON object")
        }
        let reading = WebhookReading(kind: kind, payload: payload)
        if let missing = reading.missingPart {
            throw UndecodableDelivery("a delivery of kind \(kind) without \(missing)")
        }
        let occurredAt = reading.occurredAt.flatMap { Date(rfc3339: $0) } ?? delivery.receivedAt
        return [
            Event(
                source: GitHubEventDecoder.source, kind: kind,
                contentKey: reading.contentKey ?? "delivery/\(delivery.headers[GitHubHeader.delivery] ?? "")",
                subject: reading.subject, occurredAt: occurredAt, attributes: .object(reading.attributes),
                origin: CommentRequest(payload, kind: kind).map { .request($0.request) } ?? .notice,
                topics: reading.topics)
        ]
    }
}
