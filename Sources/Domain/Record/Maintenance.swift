package import Foundation

/// People work on a pool: what runs by itself keeps off it until then, as its guards say. A note of the ledger.
package struct Maintenance: Sendable, Hashable {
    /// The notes under which the ledger keeps them stand below this name.
    package static let note = "maintenance/"
    /// The shortest and the longest one.
    package static let bounds = Duration.seconds(60)...Duration.seconds(7 * 86_400)

    package var pool: String
    package var by: String
    package var from: Date
    package var until: Date
    package var reason: String

    package init(pool: String, by: String, from: Date, until: Date, reason: String) {
        self.pool = pool
        self.by = by
        self.from = from
        self.until = until
        self.reason = reason
    }

    /// Reads a note; nil when it says that there is none.
    package init?(_ note: JSONValue?) {
        guard let pool = note?["pool"]?.stringValue, let by = note?["by"]?.stringValue,
            let reason = note?["reason"]?.stringValue,
            let from = note?["from"]?.stringValue.flatMap({ Date(rfc3339: $0) }),
            let until = note?["until"]?.stringValue.flatMap({ Date(rfc3339: $0) })
        else { return nil }
        self.init(pool: pool, by: by, from: from, until: until, reason: reason)
    }

    /// As the ledger keeps it.
    package var json: JSONValue {
        [
            "pool": .string(pool), "by": .string(by), "from": .string(from.rfc3339), "until": .string(until.rfc3339),
            "reason": .string(reason),
        ]
    }

    /// The note under which the ledger keeps it.
    package var noteName: String { Maintenance.note + pool }
}
