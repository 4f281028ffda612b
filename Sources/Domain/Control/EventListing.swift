package import Foundation

/// An event as the API and the command line show it, with what each rule made of it.
package struct EventListing: Sendable, Codable, Hashable {
    package var id: Int64
    /// The ledger's number of the delivery that brought it.
    package var deliveryRowID: Int64
    package var source: String
    package var kind: String
    package var subject: String
    package var contentKey: String
    package var occurredAt: Date
    /// How often it came again.
    package var repeats: Int64
    /// The words after `/defimon`, when a person asked.
    package var text: String?
    /// The identity under which the person asked.
    package var identity: String?
    package var attributes: JSONValue
    /// Every rule considered, which matcher said no, and what it saw.
    package var explanation: JSONValue

    package init(_ stored: StoredEvent) {
        id = stored.id
        deliveryRowID = stored.deliveryRowID
        source = stored.event.source.rawValue
        kind = stored.event.kind
        subject = stored.event.subject
        contentKey = stored.event.contentKey
        occurredAt = stored.event.occurredAt
        repeats = stored.repeats
        // The places of a request are left out: a private one is a capability.
        if case .request(let request) = stored.event.origin {
            text = request.text
            identity = request.identity.description
        }
        attributes = stored.event.attributes
        explanation = stored.explanation
    }

    private enum CodingKeys: String, CodingKey {
        case id, source, kind, subject, repeats, text, identity, attributes, explanation
        case deliveryRowID = "delivery_row_id"
        case contentKey = "content_key"
        case occurredAt = "occurred_at"
    }
}

/// Events, newest first.
package struct EventPage: Sendable, Codable, Hashable {
    package var events: [EventListing]
    /// What to ask as `before` for the next page; nil when there is none.
    package var nextBefore: Int64?

    /// `limit` is what was asked for: a full page has a next one.
    package init(_ events: [StoredEvent], limit: Int) {
        self.events = events.map(EventListing.init)
        nextBefore = events.count >= limit ? events.last?.id : nil
    }

    private enum CodingKeys: String, CodingKey {
        case events
        case nextBefore = "next_before"
    }
}
