package import Foundation

/// A report on its way, as the API and the command line show it.
package struct ReportListing: Sendable, Codable, Hashable {
    package var id: Int64
    /// `slack:#ops`; of a private answer only the channel.
    package var place: String
    package var subject: String
    package var slot: OutboxMessage.Slot
    package var state: OutboxMessage.State
    package var mood: Report.Mood
    /// The whole report as plain text.
    package var text: String
    package var attempts: Int
    package var lastError: String?
    package var createdAt: Date
    package var notBefore: Date

    package init(_ message: OutboxMessage) {
        id = message.id
        place = message.place.description
        subject = message.subject
        slot = message.slot
        state = message.state
        mood = message.report.mood
        text = message.report.plainText
        attempts = message.attempts
        lastError = message.lastError
        createdAt = message.createdAt
        notBefore = message.notBefore
    }

    private enum CodingKeys: String, CodingKey {
        case id, place, subject, slot, state, mood, text, attempts
        case lastError = "last_error"
        case createdAt = "created_at"
        case notBefore = "not_before"
    }
}
