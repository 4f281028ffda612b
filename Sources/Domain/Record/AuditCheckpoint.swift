package import Foundation

/// What a signature vouches for: all records up to one, by the hash of that one.
package struct AuditCheckpoint: Sendable, Hashable {
    /// The kind of its audit record, and the type of what is signed.
    package static let kind = "audit.checkpoint"

    /// The newest record that it covers.
    package var sequence: Int64
    /// That record's hash, in hexadecimal.
    package var hash: String
    /// How many records there are up to that one.
    package var count: Int64
    package var time: Date
    /// The fingerprint of the key that signs.
    package var key: String
    /// Since the checkpoint before, the ledger was restored from a backup whose newest record was this one: earlier
    /// checkpoints of later records are about records that are gone.
    package var restoredAfter: Int64?

    package init(
        sequence: Int64, hash: String, count: Int64, time: Date, key: String, restoredAfter: Int64? = nil
    ) {
        self.sequence = sequence
        self.hash = hash
        self.count = count
        self.time = time
        self.key = key
        self.restoredAfter = restoredAfter
    }

    /// What is signed, as canonical JSON.
    package var statement: JSONValue {
        var members: [String: JSONValue] = [
            "type": .string(AuditCheckpoint.kind), "seq": .int(sequence), "hash": .string(hash), "count": .int(count),
            "time": .string(time.rfc3339), "key": .string(key),
        ]
        if let restoredAfter { members["restored_after"] = .int(restoredAfter) }
        return .object(members)
    }

    /// Reads a statement; nil for anything else.
    package init?(_ statement: JSONValue?) {
        guard let statement, statement["type"]?.stringValue == AuditCheckpoint.kind,
            let sequence = statement["seq"]?.intValue, let hash = statement["hash"]?.stringValue,
            let count = statement["count"]?.intValue,
            let time = statement["time"]?.stringValue.flatMap({ Date(rfc3339: $0) }),
            let key = statement["key"]?.stringValue
        else { return nil }
        self.init(
            sequence: Int64(sequence), hash: hash, count: Int64(count), time: time, key: key,
            restoredAfter: statement["restored_after"]?.intValue.map { Int64($0) })
    }
}
