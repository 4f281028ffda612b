package import Foundation

/// Nothing that changes the world starts, until a person thaws the bot, or a pool of it. A note of the ledger, so that
/// it outlives restarts.
package struct Freeze: Sendable, Codable, Hashable {
    /// The note under which the ledger keeps the whole bot's; those of pools stand below it.
    package static let note = "freeze"

    /// Who froze it.
    package var by: String
    package var at: Date
    package var reason: String
    /// The pool; nil: all.
    package var pool: String?
    /// Whether also upkeep stops: what a command with `upkeep: true` does by its schedule.
    package var stopsUpkeep: Bool

    package init(by: String, at: Date, reason: String, pool: String? = nil, stopsUpkeep: Bool = false) {
        self.by = by
        self.at = at
        self.reason = reason
        self.pool = pool
        self.stopsUpkeep = stopsUpkeep
    }

    /// Reads a note; nil when it says that nothing is frozen.
    package init?(_ note: JSONValue?) {
        guard let by = note?["by"]?.stringValue, let reason = note?["reason"]?.stringValue,
            let at = note?["at"]?.stringValue.flatMap({ Date(rfc3339: $0) })
        else { return nil }
        self.init(
            by: by, at: at, reason: reason, pool: note?["pool"]?.stringValue,
            stopsUpkeep: note?["stops_upkeep"] == true)
    }

    /// As the ledger keeps it.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "by": .string(by), "at": .string(at.rfc3339), "reason": .string(reason),
        ]
        if let pool { members["pool"] = .string(pool) }
        if stopsUpkeep { members["stops_upkeep"] = true }
        return .object(members)
    }

    /// The note under which the ledger keeps it.
    package var noteName: String { Freeze.note(of: pool) }

    package static func note(of pool: String?) -> String { pool.map { "\(note)/\($0)" } ?? note }

    /// Why a job is held.
    package var words: String { (pool.map { "\($0) is " } ?? "") + "frozen by \(by): \(reason)" }

    /// What is frozen, as the beginning of a sentence.
    package var what: String { pool.map { "The pool \($0)" } ?? "The bot" }
}
