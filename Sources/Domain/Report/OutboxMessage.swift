package import Foundation

/// A report on its way to one place: a row of the outbox, written in the transaction of what it tells.
package struct OutboxMessage: Sendable, Codable, Hashable {
    /// Where in a conversation it belongs.
    package enum Slot: String, Sendable, Codable, Hashable {
        /// The one message of its subject, edited in place; a newer one replaces one that still waits.
        case main
        /// A further message in the thread of the main one.
        case thread
        /// A message of its own.
        case single
    }

    package enum State: String, Sendable, Codable, Hashable {
        case pending, delivered, failed, merged
        /// It waited in a backup from which the ledger was restored, and may have been delivered since: it is not
        /// delivered again.
        case dropped
    }

    /// Given by the ledger; 0 before.
    package var id: Int64 = 0
    package var place: Place
    /// What it is about: `job/42`. Main messages of one subject and place are one message.
    package var subject: String
    package var slot: Slot
    /// The subject of the main message in whose thread it belongs, where that is another one's; for channels with
    /// threads (`Outlet.hasThreads`).
    package var threadOf: String?
    package var report: Report
    package var state: State = .pending
    package var attempts: Int = 0
    package var createdAt: Date
    package var notBefore: Date
    package var lastError: String?
    /// Where it goes when this place refuses it for good, in order.
    package var fallbacks: [Place]
    /// Until when trying makes sense.
    package var giveUpAt: Date

    /// How long a place may refuse a report before the next one gets it: a day; an answer that a person waits for, half
    /// an hour.
    package static func patience(for place: Place) -> Duration { place.isPrivate ? .seconds(1800) : .seconds(86_400) }

    package init(
        place: Place, subject: String, slot: Slot, report: Report, createdAt: Date, fallbacks: [Place] = [],
        giveUpAfter: Duration? = nil
    ) {
        self.place = place
        self.subject = subject
        self.slot = slot
        self.report = report
        self.createdAt = createdAt
        notBefore = createdAt
        self.fallbacks = fallbacks
        giveUpAt = createdAt.advanced(by: giveUpAfter ?? OutboxMessage.patience(for: place))
    }
}
