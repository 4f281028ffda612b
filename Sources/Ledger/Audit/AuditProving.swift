package import Domain
import Foundation
import GRDB

/// Proves an audit without a bot: from the ledger's file, the file of checkpoints and a public key.
package enum AuditProving {
    /// Walks the audit of a ledger. Without a key no signature is looked at; without lines a cut-off end is not noticed.
    /// Throws `LedgerOpenError`, `LedgerError` or `AuditSealError`.
    package static func ledger(
        _ path: String, checkpoints: String?, key: Ed25519PublicKey?
    ) async throws -> AuditProof {
        let file = try LedgerOpening.forReading(path: path)
        let lines = try checkpoints.map { path throws(AuditSealError) in try CheckpointFile.lines(path) }
        let verifier = AuditVerifier(key: key, lines: lines)
        return try await file.read { db in try verifier.verify(db) }
    }

    /// Walks an export alone. Throws `AuditSealError` when it is none.
    package static func export(_ bytes: [UInt8], key: Ed25519PublicKey?) throws -> AuditProof {
        try AuditExportVerifier(key: key).verify(bytes)
    }
}
