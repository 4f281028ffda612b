package import Domain
package import Foundation
import GRDB

/// Takes a detail out of a ledger that no bot writes to.
package enum AuditErasing {
    /// Erases the detail of a record, on record and in one transaction; the hash chain, which runs over the detail's
    /// hash, stays whole. Throws `LedgerOpenError` when a bot runs on the ledger, and `AuditSealError` when there is no
    /// such detail or it may not go.
    package static func erase(
        _ erasure: AuditErasure, in path: String, by actor: String, at time: Date
    ) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try erase(erasure, path, actor, time) })
            }
        }
    }

    private static func erase(_ erasure: AuditErasure, _ path: String, _ actor: String, _ time: Date) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw LedgerOpenError(path: path, reason: "there is no such file")
        }
        let lock = try LedgerOpening.lock(path: path)
        defer { withExtendedLifetime(lock) {} }
        let connections = try LedgerOpening.forWriting(path: path)
        do {
            // What is overwritten must not stay in free pages.
            try connections.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA secure_delete = ON") }
            try connections.pool.write { db in try erase(erasure, actor, time, db) }
            try connections.checkpointer.close()
            // The last one to close takes up the log, in which the detail may stand too, and removes it.
            _ = try connections.pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
            try connections.pool.close()
        } catch let error as AuditSealError {
            throw error
        } catch {
            throw LedgerOpenError(path: path, error)
        }
    }

    private static func erase(_ erasure: AuditErasure, _ actor: String, _ time: Date, _ db: Database) throws {
        let sequence = erasure.sequence
        guard let row = try db.row("SELECT kind, detail IS NULL AS gone FROM audit WHERE seq = ?", [sequence]) else {
            throw AuditSealError("there is no audit record \(sequence)")
        }
        let kind: String = row["kind"] ?? ""
        guard !kind.hasPrefix("audit.") else {
            throw AuditSealError("record \(sequence) is part of the audit's proof (\(kind)): its detail stays")
        }
        if row["gone"] == true { throw AuditSealError("the detail of record \(sequence) is erased already") }
        var chain = try AuditChain(db)
        try chain.append(
            PreparedAudit(
                AuditEntry(
                    time: time, actor: actor, kind: AuditErasure.kind, subject: erasure.subject, detail: erasure.detail),
                redactor: Redactor()), to: db)
        try db.run("UPDATE audit SET detail = NULL WHERE seq = ?", [sequence])
    }
}
