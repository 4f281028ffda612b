package import Domain
package import Foundation
import GRDB

extension LedgerQueries {
    package func openJobs() async throws(LedgerError) -> [Job] {
        let stored = try await file.read { db in
            try db.rows("SELECT id, variables, job FROM jobs WHERE is_open = 1 ORDER BY id").map(StoredJob.init(row:))
        }
        return try await StoredJob.jobs(stored, path: file.path)
    }

    package func job(id: JobID) async throws(LedgerError) -> Job? {
        try await file.read { db in
            try db.row("SELECT id, variables, job FROM jobs WHERE id = ?", [id]).map { try StoredJob(row: $0).job() }
        }
    }

    package func jobs(_ filter: JobFilter) async throws(LedgerError) -> [Job] {
        try await file.read { db in
            var conditions = Conditions()
            if let states = filter.states { conditions.isOne(of: states.map(\.rawValue).sorted(), "state") }
            if let command = filter.command { conditions.add("command = ?", command.column) }
            if let eventID = filter.eventID { conditions.add("event = ?", eventID) }
            if let before = filter.before { conditions.add("id < ?", before) }
            return try db.rows(
                "SELECT id, variables, job FROM jobs\(conditions.sql) ORDER BY id DESC LIMIT ?",
                conditions.arguments + [filter.limit]
            ).map { try StoredJob(row: $0).job() }
        }
    }

    package func steps(jobID: JobID) async throws(LedgerError) -> [Step] {
        try await file.read { db in
            try db.rows("SELECT step FROM steps WHERE job = ? ORDER BY number", [jobID]).map { row in
                let name = "a step of job \(jobID)"
                return try LedgerJSON.value(Step.self, from: try PackedText.text(row["step"], in: name), in: name)
            }
        }
    }

    package func heldLocks() async throws(LedgerError) -> [HeldLock] {
        try await file.read { db in
            try db.rows("SELECT path, mode, job, fencing FROM locks ORDER BY path, job").map { row in
                HeldLock(
                    request: LockRequest(path: row["path"], mode: try .init(column: row["mode"])), jobID: row["job"],
                    fencing: row["fencing"])
            }
        }
    }

    package func lastAutomaticEnd(command: String, guardKey: String) async throws(LedgerError) -> Date? {
        try await file.read { db in
            try db.row(
                """
                SELECT max(ended_at) AS ended_at FROM jobs WHERE command = ? AND guard_key = ?
                    AND requester_kind = 'rule' AND started_at IS NOT NULL AND ended_at IS NOT NULL
                """, [command.column, guardKey.column]
            )?.optionalDate("ended_at")
        }
    }

    package func automaticStarts(command: String, guardKey: String, since: Date) async throws(LedgerError) -> Int {
        try await file.read { db in
            try db.row(
                """
                SELECT count(*) AS starts FROM jobs WHERE command = ? AND guard_key = ?
                    AND requester_kind = 'rule' AND started_at IS NOT NULL AND started_at >= ?
                """, [command.column, guardKey.column, since.microseconds]
            )?["starts"] ?? 0
        }
    }
}

/// A job's columns, not decoded yet.
struct StoredJob: Sendable {
    /// Jobs that one task decodes: enough of them that the task is worth its start.
    private static let share = 250

    let id: JobID
    let variables: DatabaseValue
    let rest: DatabaseValue

    init(row: Row) {
        id = row["id"]
        variables = row["variables"]
        rest = row["job"]
    }

    func job() throws(DamagedRow) -> Job {
        let name = "job \(id)"
        var job = try LedgerJSON.value(Job.self, from: try PackedText.text(rest, in: name), in: name)
        job.variables =
            try LedgerJSON.json(try PackedText.text(variables, in: name), in: name).objectValue ?? [:]
        return job
    }

    /// Decodes many on all processors: after an outage ten thousand may wait.
    static func jobs(_ stored: [StoredJob], path: String) async throws(LedgerError) -> [Job] {
        do {
            return try await withThrowingTaskGroup(of: (Int, [Job]).self) { group in
                for start in stride(from: 0, to: stored.count, by: share) {
                    group.addTask { (start, try stored[start...].prefix(share).map { try $0.job() }) }
                }
                return try await group.reduce(into: [(Int, [Job])]()) { $0.append($1) }
                    .sorted { $0.0 < $1.0 }.flatMap(\.1)
            }
        } catch {
            throw .unavailable("the ledger \(path) cannot be read: \(SQLiteFailure(error))")
        }
    }
}
