package import Foundation

/// Nothing that changes the world starts, until a person thaws the bot. A note of the ledger, so that it outlives
/// restarts.
package struct Freeze: Sendable, Codable, Hashable {
    /// The note under which the ledger keeps it.
    package static let note = "freeze"

    /// Who froze the bot.
    package var by: String
    package var at: Date
    package var reason: String

    package init(by: String, at: Date, reason: String) {
        self.by = by
        self.at = at
        self.reason = reason
    }

    /// Reads the note; nil when the bot is not frozen.
    package init?(_ note: JSONValue?) {
        guard let by = note?["by"]?.stringValue, let reason = note?["reason"]?.stringValue,
            let at = note?["at"]?.stringValue.flatMap({ Date(rfc3339: $0) })
        else { return nil }
        self.init(by: by, at: at, reason: reason)
    }

    /// As the ledger keeps it.
    package var json: JSONValue { ["by": .string(by), "at": .string(at.rfc3339), "reason": .string(reason)] }

    /// Why a job is held.
    package var words: String { "frozen by \(by): \(reason)" }
}
