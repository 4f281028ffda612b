import Domain
import GRDB

extension GroupWriter {
    func keep(_ kept: KeptValue, _ text: PackedText, _ fencing: Int64) throws {
        try checkRuns(kept.jobID, fencing)
        let values: StatementArguments = [
            kept.jobID, kept.requester.column, kept.setAt.microseconds, kept.size, text.databaseValue, kept.key.column,
        ]
        let replaced = try db.change(
            "UPDATE kept SET job = ?, requester = ?, set_at = ?, size = ?, value = ? WHERE key = ?", values)
        if replaced > 0 { return }
        let statement = try db.cachedStatement(sql: "SELECT count(*) FROM kept")
        guard try Int.fetchOne(statement) ?? 0 < KeptValue.mostKeys else {
            throw ChangeRefused(
                "\(kept.key) cannot be kept: there are \(KeptValue.mostKeys) kept values already, and no more may be")
        }
        try db.run(
            "INSERT INTO kept (job, requester, set_at, size, value, key) VALUES (?, ?, ?, ?, ?, ?)", values)
    }

    func forget(_ key: String, _ jobID: JobID, _ fencing: Int64) throws {
        try checkRuns(jobID, fencing)
        try db.run("DELETE FROM kept WHERE key = ?", [key.column])
    }

    /// Only a job that runs keeps something, and only under its newest lease.
    private func checkRuns(_ jobID: JobID, _ fencing: Int64) throws {
        let statement = try db.cachedStatement(sql: "SELECT state FROM jobs WHERE id = ?")
        let state = try String.fetchOne(statement, arguments: [jobID])
        guard state == JobState.running.rawValue else {
            throw ChangeRefused("job \(jobID) does not run, so it keeps nothing")
        }
        try checkLease(of: jobID, fencing)
    }
}
