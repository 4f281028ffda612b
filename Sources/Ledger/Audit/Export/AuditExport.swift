import Domain
package import Foundation
import GRDB

/// A part of the audit with its proof, so that it can be verified alone with the public key.
///
/// It holds the records that were asked for, those that follow them up to the first checkpoint that covers all (as links:
/// without their details, but for what the audit says of itself), the changes of the key, and that checkpoint.
package struct AuditExport: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case jsonl, csv
    }

    /// Which records; nil is without a bound.
    package var since: Date?
    package var until: Date?
    package var format: Format

    package init(since: Date? = nil, until: Date? = nil, format: Format) {
        self.since = since
        self.until = until
        self.format = format
    }

    /// What was written.
    package struct Summary: Sendable, Hashable {
        package var first: Int64
        package var last: Int64
        /// The record that the export's checkpoint covers; nil when there is none yet.
        package var provenThrough: Int64?
    }

    /// Writes the export of a ledger's file, piece by piece. Throws `LedgerOpenError`, `LedgerError`, `AuditSealError`,
    /// and what `write` throws.
    package func write(
        of path: String, to write: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws -> Summary {
        let file = try LedgerOpening.forReading(path: path)
        let export = self
        let result = try await file.read { db -> Result<Summary, any Error> in
            Result { try export.write(db, write) }
        }
        return try result.get()
    }

    private func write(_ db: Database, _ write: @escaping ([UInt8]) throws -> Void) throws -> Summary {
        guard let (first, last) = try range(db) else { throw AuditSealError("no record is of that time") }
        let through = try end(db, first, last)
        let writer = AuditExportWriter(format: format, write: write)
        try writer.begin(first: first, last: last)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT seq, record, detail, previous, hash, actor, kind, subject, time_us FROM audit
                    WHERE seq BETWEEN ? AND ? ORDER BY seq
                """, arguments: [first, max(last, through.end)])
        while let row = try rows.next() { try writer.add(row, isAskedFor: row["seq"] <= last) }
        let rotations = try Row.fetchCursor(
            db, sql: "SELECT detail FROM audit WHERE kind = ? ORDER BY seq", arguments: [AuditKeyRotation.kind])
        while let row = try rotations.next() { try writer.add(statement: row["detail"], "rotation") }
        if let checkpoint = through.checkpoint { try writer.add(statement: checkpoint.text, "checkpoint") }
        return Summary(first: first, last: last, provenThrough: through.checkpoint?.checkpoint.sequence)
    }

    /// The first and the last record that is asked for. The chain has no gaps, so what lies between them is in it, also
    /// when a clock was set.
    private func range(_ db: Database) throws -> (Int64, Int64)? {
        var conditions = Conditions()
        if let since { conditions.add("time_us >= ?", since.microseconds) }
        if let until { conditions.add("time_us < ?", until.microseconds) }
        let row = try Row.fetchOne(
            db, sql: "SELECT min(seq) AS first, max(seq) AS last FROM audit\(conditions.sql)",
            arguments: conditions.arguments)
        guard let first: Int64 = row?["first"], let last: Int64 = row?["last"] else { return nil }
        return (first, last)
    }

    /// The first checkpoint that covers everything that is asked for and every erasure of it, and the record behind which
    /// nothing is needed; without such a checkpoint, the newest that covers a part.
    private func end(_ db: Database, _ first: Int64, _ last: Int64) throws -> (
        checkpoint: SignedCheckpoint?, end: Int64
    ) {
        let erased = try Int64.fetchOne(
            db,
            sql: """
                SELECT max(later.seq) FROM audit AS gone JOIN audit AS later
                    ON later.subject = 'audit/' || gone.seq AND later.kind = ?
                    WHERE gone.seq BETWEEN ? AND ? AND gone.detail IS NULL
                """, arguments: [AuditErasure.kind, first, last])
        let covered = max(last, erased ?? last)
        let later = try Row.fetchCursor(
            db, sql: "SELECT detail FROM audit WHERE kind = ? AND seq > ? ORDER BY seq",
            arguments: [AuditCheckpoint.kind, covered])
        while let row = try later.next() {
            guard let signed = SignedCheckpoint(row["detail"] ?? "") else { continue }
            if signed.checkpoint.sequence >= covered { return (signed, signed.checkpoint.sequence) }
        }
        let newest = try Row.fetchCursor(
            db, sql: "SELECT detail FROM audit WHERE kind = ? ORDER BY seq DESC", arguments: [AuditCheckpoint.kind])
        while let row = try newest.next() {
            guard let signed = SignedCheckpoint(row["detail"] ?? "") else { continue }
            return (signed.checkpoint.sequence >= first ? signed : nil, covered)
        }
        return (nil, covered)
    }
}
