package import Domain
import Foundation
import GRDB

extension LedgerQueries {
    package func audit(_ filter: AuditFilter) async throws(LedgerError) -> [AuditRecord] {
        try await file.read { db in
            var conditions = Conditions()
            if let actor = filter.actor { conditions.add("actor = ?", actor.column) }
            if let subject = filter.subject { conditions.add("subject = ?", subject.column) }
            if let kind = filter.kind, kind.hasSuffix(".") {
                conditions.add("kind >= ?", kind.column)
                // "/" follows "." in ASCII, so this is the end of everything that begins with the text.
                conditions.add("kind < ?", String(kind.column.dropLast()) + "/")
            } else if let kind = filter.kind {
                conditions.add("kind = ?", kind.column)
            }
            if let job = filter.job { conditions.isAboutJobs("SELECT ? AS id", job) }
            if let command = filter.command {
                conditions.isAboutJobs("SELECT id FROM jobs WHERE command = ?", command.column)
            }
            if let pool = filter.pool {
                conditions.isAboutJobs("SELECT job AS id FROM job_pools WHERE pool = ?", pool.column)
            }
            if let since = filter.since { conditions.add("time_us >= ?", since.microseconds) }
            if let until = filter.until { conditions.add("time_us < ?", until.microseconds) }
            if let before = filter.before { conditions.add("seq < ?", before) }
            if let after = filter.after { conditions.add("seq > ?", after) }
            if let kind = filter.exceptKind { conditions.add("kind <> ?", kind.column) }
            if let subject = filter.exceptSubject { conditions.add("subject <> ?", subject.column) }
            return try db.rows(
                """
                SELECT seq, record, detail, previous, hash FROM audit\(conditions.sql) ORDER BY seq DESC LIMIT ?
                """, conditions.arguments + [filter.limit]
            ).map(AuditRecord.init(row:))
        }
    }

    package func verifyAudit() async throws(LedgerError) -> AuditVerdict {
        let proof = try await file.read { db in try AuditVerifier().verify(db) }
        return proof.problem.map { .broken(sequence: $0.sequence, what: $0.what) } ?? .intact(records: proof.records)
    }
}

extension Conditions {
    /// Records about jobs, their steps and their reports; `jobs` selects the numbers as `id`, by one value.
    fileprivate mutating func isAboutJobs(_ jobs: String, _ value: any DatabaseValueConvertible) {
        add(
            """
            subject IN (
                WITH wanted AS MATERIALIZED (\(jobs))
                SELECT 'job/' || id FROM wanted
                UNION ALL SELECT 'job/' || job || '/step/' || number FROM steps WHERE job IN (SELECT id FROM wanted))
            """, value)
    }
}

extension AuditRecord {
    /// Everything is read from the text that is hashed. A detail that is gone reads as null.
    init(row: Row) throws {
        let sequence: Int64 = row["seq"]
        let name = "audit record \(sequence)"
        let record = try LedgerJSON.json(row["record"], in: name)
        let detail: String? = row["detail"]
        let previous: Data = row["previous"]
        let hash: Data = row["hash"]
        self.init(
            sequence: sequence, time: Date(microseconds: Int64(record["time_us"]?.intValue ?? 0)),
            actor: record["actor"]?.stringValue ?? "", kind: record["kind"]?.stringValue ?? "",
            subject: record["subject"]?.stringValue ?? "",
            detail: try detail.map { try LedgerJSON.json($0, in: name) } ?? .null, previousHash: Hex.encode(previous),
            hash: Hex.encode(hash))
    }
}
