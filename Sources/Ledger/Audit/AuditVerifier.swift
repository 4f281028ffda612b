import Domain
import Foundation
import GRDB
import GRDBSQLite

/// Proves a ledger's audit: walks the hash chain, reading columns in place since a ledger holds millions of records, and
/// sets it against its checkpoints.
struct AuditVerifier {
    /// Nil: the chain is walked, and no signature is looked at.
    var key: Ed25519PublicKey?
    /// The lines of the file of checkpoints.
    var lines: [Substring]?

    func verify(_ db: Database) throws -> AuditProof {
        let (proof, rotations) = try walk(db)
        // The newest signature vouches for everything before it. Only when it does not is it worth to look at each, for
        // the first that is wrong.
        guard let problem = proof.problem, [.badSignature, .replacedKey].contains(problem.kind) else { return proof }
        let again = try walk(db, rotations: rotations).proof
        return again.problem == nil ? proof : again
    }

    private func walk(
        _ db: Database, rotations: [AuditKeyRotation]? = nil
    ) throws -> (proof: AuditProof, rotations: [AuditKeyRotation]) {
        let statement = try db.makeStatement(
            sql: "SELECT seq, record, detail, previous, hash FROM audit ORDER BY seq")
        let handle = statement.sqliteStatement
        defer { sqlite3_reset(handle) }
        var chain = AuditChainCheck()
        var evidence = AuditEvidence(trusted: key, lines: lines, rotations: rotations)
        var problem: AuditProblem?
        loop: while problem == nil {
            let code = sqlite3_step(handle)
            if code == SQLITE_DONE { break }
            guard code == SQLITE_ROW else {
                throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "reading the audit")
            }
            let row = AuditVerifier.row(handle)
            switch chain.next(row) {
            case .broken(let found): problem = try named(found, db)
            case .gone(let fields):
                guard !fields.isAboutAudit else {
                    problem = AuditProblem(
                        .detailRemoved, at: chain.sequence, "its detail is gone, which is never erased")
                    break
                }
                evidence.sawGone(chain.sequence)
            case .next(let fields):
                guard fields.isAboutAudit, let detail = row.detail else { continue loop }
                problem = evidence.take(fields, detail: detail, chain: chain)
            }
        }
        return (try proof(db, chain, evidence, problem), evidence.rotations)
    }

    private func proof(
        _ db: Database, _ chain: AuditChainCheck, _ evidence: AuditEvidence, _ found: AuditProblem?
    ) throws -> AuditProof {
        var proof = AuditProof()
        proof.records = chain.count
        proof.checkpoints = evidence.checkpoints
        proof.erased = evidence.erased
        proof.lines = lines?.count
        proof.problem = found
        // A break is the first thing that is wrong; behind it nothing can be believed.
        guard found == nil else { return proof }
        if let sequence = evidence.gone.min() {
            proof.problem = AuditProblem(
                .detailRemoved, at: sequence, "its detail is gone, and no record says that it was erased")
        }
        let (line, superseded) = try evidence.lookAtLines(chain: chain) { sequence in
            try Row.fetchOne(db, sql: "SELECT hash FROM audit WHERE seq = ?", arguments: [sequence]).map {
                Hex.encode($0["hash"] as Data)
            }
        }
        proof.superseded = superseded
        proof.problem = AuditEvidence.earlier(proof.problem, line)
        if let signature = evidence.newestSignature {
            proof.problem = AuditEvidence.earlier(proof.problem, signature)
        } else if key != nil, let newest = evidence.newest?.checkpoint {
            proof.provenThrough = newest.sequence
            proof.provenAt = newest.time
            proof.key = newest.key
        }
        return proof
    }

    /// A record that is missing in its place may stand in another.
    private func named(_ problem: AuditProblem, _ db: Database) throws -> AuditProblem {
        guard problem.kind == .removed else { return problem }
        let rows = try Row.fetchCursor(
            db, sql: "SELECT seq, CAST(record AS BLOB) AS record FROM audit WHERE seq > ? ORDER BY seq",
            arguments: [problem.sequence])
        while let row = try rows.next() {
            let record: Data = row["record"]
            let place: Int64 = row["seq"]
            let isIt = record.withUnsafeBytes { AuditRecordText($0)?.sequence == problem.sequence }
            if isIt {
                return AuditProblem(
                    .reordered, at: problem.sequence, "the record stands in the place of record \(place)")
            }
        }
        return problem
    }

    private static func row(_ handle: SQLiteStatement) -> AuditRow {
        AuditRow(
            sequence: sqlite3_column_int64(handle, 0), record: bytes(handle, 1),
            detail: sqlite3_column_type(handle, 2) == SQLITE_NULL ? nil : bytes(handle, 2), previous: bytes(handle, 3),
            hash: bytes(handle, 4))
    }

    /// A column's bytes, which are good until the next step.
    private static func bytes(_ row: SQLiteStatement, _ column: Int32) -> UnsafeRawBufferPointer {
        // The blob first, then its length, as SQLite's documentation of sqlite3_column_bytes says.
        let start = sqlite3_column_blob(row, column)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(row, column)))
    }
}
