import Domain
import Foundation

/// One event per payload, whose kind is in a header as GitHub's is.
struct FakeHookDecoder: EventDecoder {
    let source = Source("github")
    let fields = [
        EventField("kind", "The event's kind"),
        EventField("repository", "The repository"),
        EventField("number", "The number", kinds: ["pull_request"]),
        EventField("branch", "The branch", kinds: ["push"]),
    ]

    func events(in delivery: Delivery) async throws -> [Event] {
        guard let kind = delivery.headers["x-github-event"] else { throw UndecodableDelivery("it has no kind") }
        guard let id = delivery.headers["x-github-delivery"] else { throw UndecodableDelivery("it has no id") }
        var attributes = try JSONValue(parsing: delivery.body).objectValue ?? [:]
        attributes["kind"] = .string(kind)
        return [
            Event(
                source: source, kind: kind, contentKey: id, subject: kind, occurredAt: delivery.receivedAt,
                attributes: .object(attributes), origin: .notice)
        ]
    }
}
