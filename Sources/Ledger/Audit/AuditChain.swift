import Crypto
import Foundation
import GRDB

/// The head of the audit's hash chain. A record's hash is SHA-256 over the bytes of the hash before and the record's
/// text; before the first record stand 32 zero bytes.
struct AuditChain: Sendable {
    static let start = Data(repeating: 0, count: 32)

    private(set) var sequence: Int64
    private(set) var hash: Data

    /// The head as the file has it.
    init(_ db: Database) throws {
        let row = try Row.fetchOne(db, sql: "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        sequence = row?["seq"] ?? 0
        hash = row?["hash"] ?? AuditChain.start
    }

    /// Writes a record as the next one. `subject` stands for the record's own when it is known only now.
    mutating func append(_ record: PreparedAudit, subject: String? = nil, to db: Database) throws {
        let next = sequence + 1
        let text = record.record(sequence: next, subject: subject)
        let hash = AuditChain.hash(of: text, after: self.hash)
        try db.run(
            "INSERT INTO audit (seq, record, detail, previous, hash) VALUES (?, ?, ?, ?, ?)",
            [next, text, record.detail, self.hash, hash])
        sequence = next
        self.hash = hash
    }

    static func hash(of record: String, after previous: Data) -> Data {
        var hasher = SHA256()
        hasher.update(data: previous)
        hasher.update(data: Array(record.utf8))
        return Data(hasher.finalize())
    }
}
