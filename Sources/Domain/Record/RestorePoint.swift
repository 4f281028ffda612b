package import Foundation

/// The ledger was put back from a backup. What came before `at` may have happened without the ledger knowing, so nothing
/// of it is done again: no old delivery is asked for, no alert that began before starts anything, and no report that
/// waited goes out. A note of the ledger, which stays.
package struct RestorePoint: Sendable, Codable, Hashable {
    /// The note under which the ledger keeps it.
    package static let note = "restore"

    /// When the ledger was restored.
    package var at: Date
    /// The backup's file.
    package var from: String
    /// The number of the last audit record that the backup holds.
    package var sequence: Int64
    /// When that record was written: what happened later is not in the ledger.
    package var madeAt: Date
    /// Reports that waited to be delivered in the backup, and are not delivered again.
    package var droppedReports: Int
    /// Whether a bot has started on it, and what was under way has become unknown.
    package var isSettled: Bool

    package init(
        at: Date, from: String, sequence: Int64, madeAt: Date, droppedReports: Int = 0, isSettled: Bool = false
    ) {
        self.at = at
        self.from = from
        self.sequence = sequence
        self.madeAt = madeAt
        self.droppedReports = droppedReports
        self.isSettled = isSettled
    }

    /// Reads the note; nil when the ledger was never restored.
    package init?(_ note: JSONValue?) {
        guard let at = note?["at"]?.stringValue.flatMap({ Date(rfc3339: $0) }), let from = note?["from"]?.stringValue,
            let sequence = note?["sequence"]?.intValue,
            let madeAt = note?["made_at"]?.stringValue.flatMap({ Date(rfc3339: $0) })
        else { return nil }
        self.init(
            at: at, from: from, sequence: Int64(sequence), madeAt: madeAt,
            droppedReports: note?["dropped_reports"]?.intValue ?? 0, isSettled: note?["settled"] == true)
    }

    /// As the ledger keeps it.
    package var json: JSONValue {
        [
            "at": .string(at.rfc3339), "from": .string(from), "sequence": .int(sequence),
            "made_at": .string(madeAt.rfc3339), "dropped_reports": .int(Int64(droppedReports)),
            "settled": .bool(isSettled),
        ]
    }

    /// What is said of a job that was under way.
    package var words: String { "the ledger was restored from a backup of \(madeAt.rfc3339)" }
}
