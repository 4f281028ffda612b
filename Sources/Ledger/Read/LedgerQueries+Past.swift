package import Domain
package import Foundation
import GRDB

extension LedgerQueries {
    package func firstDelivery(since: Date) async throws(LedgerError) -> Int64? {
        try await file.read { db in try db.firstRow(of: "deliveries", at: "received_at", since: since.microseconds) }
    }

    package func deliveryNumbers(of source: Source, after number: Int64, limit: Int) async throws(LedgerError)
        -> [Int64]
    {
        try await file.read { db in
            try db.rows(
                "SELECT id FROM deliveries WHERE id > ? AND source = ? ORDER BY id LIMIT ?",
                [number, source.rawValue.column, limit]
            ).map { $0["id"] }
        }
    }

    package func firstJob(since: Date) async throws(LedgerError) -> JobID? {
        try await file.read { db in try db.firstRow(of: "jobs", at: "created_at", since: since.microseconds) }
    }

    package func jobs(after number: JobID, limit: Int) async throws(LedgerError) -> [Job] {
        try await file.read { db in
            try db.rows("SELECT id, variables, job FROM jobs WHERE id > ? ORDER BY id LIMIT ?", [number, limit])
                .map { try StoredJob(row: $0).job() }
        }
    }

    package func lastAutomaticEnd(command: String, guardKey: String, before: Date) async throws(LedgerError) -> Date? {
        try await file.read { db in
            try db.row(
                """
                SELECT max(ended_at) AS ended_at FROM jobs WHERE command = ? AND guard_key = ? AND ended_at < ?
                    AND requester_kind = 'rule' AND started_at IS NOT NULL AND ended_at IS NOT NULL
                """, [command.column, guardKey.column, before.microseconds]
            )?.optionalDate("ended_at")
        }
    }

    package func runs(ofRule name: String, since: Date) async throws(LedgerError) -> RuleRuns {
        try await file.read { db in
            let rows = try db.rows(
                """
                SELECT id, state, created_at FROM jobs WHERE requester_kind = 'rule' AND requester = ?
                    ORDER BY id DESC LIMIT ?
                """, [Requester.rule(name).description.column, RuleRuns.most + 1])
            var runs = RuleRuns()
            runs.latest = rows.first?["id"]
            runs.latestAt = rows.first?.date("created_at")
            let wanted = rows.filter { $0.date("created_at") >= since }
            for row in wanted.prefix(RuleRuns.most) {
                let state: String = row["state"]
                if let state = JobState(rawValue: state) { runs.count(state) }
            }
            runs.isCut = wanted.count > RuleRuns.most
            return runs
        }
    }
}

extension Database {
    /// The first row whose time is then or later, found by halves, since rows are in the order of their times; where a
    /// clock was set back, one near it.
    fileprivate func firstRow(of table: String, at column: String, since: Int64) throws -> Int64? {
        guard let bounds = try row("SELECT min(id) AS low, max(id) AS high FROM \(table)"),
            var low: Int64 = bounds["low"], let last: Int64 = bounds["high"]
        else { return nil }
        var high = last + 1
        while low < high {
            let middle = low + (high - low) / 2
            // Numbers may have gaps: the next row stands for them.
            let next = try row("SELECT id, \(column) AS at FROM \(table) WHERE id >= ? ORDER BY id LIMIT 1", [middle])
            guard let next, let at: Int64 = next["at"], at < since else {
                high = middle
                continue
            }
            low = (next["id"] as Int64) + 1
        }
        return try row("SELECT id FROM \(table) WHERE id >= ? ORDER BY id LIMIT 1", [low]).map { $0["id"] }
    }
}
