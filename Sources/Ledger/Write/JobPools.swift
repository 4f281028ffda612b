import Domain
import GRDB

/// Which pools each job is about.
enum JobPools {
    static func save(_ job: Job, to db: Database) throws {
        for pool in job.pools.sorted() {
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
