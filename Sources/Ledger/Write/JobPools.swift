import Domain
import GRDB

/// Which pools a job is about: those whose locks it takes, and the one that it is asked for.
enum JobPools {
    static func pools(of job: Job) -> Set<String> {
        var pools: Set<String> = []
        for lock in job.locks {
            let parts = lock.path.split(separator: "/")
            if parts.count >= 2, parts[0] == "pool" { pools.insert(String(parts[1])) }
        }
        if let pool = job.arguments["pool"]?.stringValue { pools.insert(pool) }
        return pools
    }

    static func save(_ job: Job, to db: Database) throws {
        for pool in pools(of: job).sorted() {
            try db.run(
                "INSERT INTO job_pools (pool, job) VALUES (?, ?) ON CONFLICT DO NOTHING", [pool.column, job.id])
        }
    }

    /// For the jobs of a ledger that had no such table. A damaged one is found by no pool.
    static func fill(_ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT id, variables, job FROM jobs")
        while let row = try rows.next() {
            do { try save(try StoredJob(row: row).job(), to: db) } catch is DamagedRow { continue }
        }
    }
}
