import Domain
import GRDB

extension GroupWriter {
    func apply(_ write: PreparedChange.Write) throws {
        switch write {
        case .finishDelivery(let rowID, let state, let note): try finishDelivery(rowID, state, note)
        case .insertEvent(let row): try insert(row)
        case .countEvent(let uniqueKey): try countEvent(uniqueKey)
        case .saveEpisode(let episode): try save(episode)
        case .saveJob(let job, let variables, let rest): try save(job, variables, rest)
        case .saveStep(let step, let text): try save(step, text)
        case .takeLocks(let jobID, let fencing, let locks): try takeLocks(locks, jobID, fencing)
        case .releaseLocks(let jobID): try db.run("DELETE FROM locks WHERE job = ?", [jobID])
        case .enqueue(let message, let text): try enqueue(message, text)
        case .saveOutbox(let message, let text, let reference): try save(message, text, reference)
        case .saveNote(let name, let text): try saveNote(name, text)
        case .keep(let kept, let text, let fencing): try keep(kept, text, fencing)
        case .forget(let key, let jobID, let fencing): try forget(key, jobID, fencing)
        }
    }

    /// Version 1 is a new row; any other follows the stored one by one.
    private func save(_ job: Job, _ variables: PackedText, _ rest: PackedText) throws {
        let values: StatementArguments = [
            job.version, job.command, job.state.rawValue, !job.state.isFinal, job.eventID, job.guardKey.column,
            job.requester.personID == nil ? "rule" : "person", job.requester.description.column,
            job.createdAt.microseconds, job.startedAt?.microseconds, job.endedAt?.microseconds,
            variables.databaseValue, rest.databaseValue,
        ]
        let changed =
            if job.version == 1 {
                try db.change(
                    """
                    INSERT INTO jobs (version, command, state, is_open, event, guard_key, requester_kind, requester,
                        created_at, started_at, ended_at, variables, job, id)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """, values + [job.id])
            } else {
                try db.change(
                    """
                    UPDATE jobs SET version = ?, command = ?, state = ?, is_open = ?, event = ?, guard_key = ?,
                        requester_kind = ?, requester = ?, created_at = ?, started_at = ?, ended_at = ?,
                        variables = ?, job = ? WHERE id = ? AND version = ?
                    """, values + [job.id, job.version - 1])
            }
        guard changed == 1 else {
            throw ChangeRefused("job \(job.id) was written by somebody else before version \(job.version)")
        }
        try checkLease(job)
        if job.version == 1 { try JobPools.save(job, to: db) }
    }

    /// A run whose locks another one has taken over writes no more.
    private func checkLease(_ job: Job) throws {
        if let fencing = job.fencing { try checkLease(of: job.id, fencing) }
    }

    func checkLease(of jobID: JobID, _ fencing: Int64) throws {
        let statement = try db.cachedStatement(sql: "SELECT max(fencing) FROM locks WHERE job = ?")
        guard let lease = try Int64.fetchOne(statement, arguments: [jobID]), lease > fencing else { return }
        throw ChangeRefused("job \(jobID): its locks were taken over under lease \(lease), after lease \(fencing)")
    }

    private func save(_ step: Step, _ text: PackedText) throws {
        try db.run(
            """
            INSERT INTO steps (job, number, action, state, step) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET action = excluded.action, state = excluded.state, step = excluded.step
            """, [step.jobID, step.index, step.action, step.state.rawValue, text.databaseValue])
    }

    /// All at once or, when one conflicts with another job's, none.
    private func takeLocks(_ requests: [LockRequest], _ jobID: JobID, _ fencing: Int64) throws {
        let held = try Row.fetchAll(
            try db.cachedStatement(sql: "SELECT path, mode, job FROM locks WHERE job <> ?"), arguments: [jobID])
        for row in held {
            let lock = LockRequest(path: row["path"], mode: try .init(column: row["mode"]))
            if let request = requests.first(where: { $0.conflicts(with: lock) }) {
                let holder: JobID = row["job"]
                throw ChangeRefused("lock \(request.path) of job \(jobID): job \(holder) holds \(lock.path)")
            }
        }
        for request in requests {
            let changed = try db.change(
                """
                INSERT INTO locks (path, job, mode, fencing) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET mode = excluded.mode, fencing = excluded.fencing
                    WHERE excluded.fencing >= fencing
                """, [request.path.column, jobID, request.mode.rawValue, fencing])
            guard changed == 1 else {
                throw ChangeRefused("lock \(request.path) of job \(jobID): taken over under a lease after \(fencing)")
            }
        }
        try db.run("UPDATE meta SET value = max(value, ?) WHERE name = 'fencing'", [fencing])
    }
}

extension LockRequest.Mode {
    /// Reads a column. Throws `DamagedRow` for anything else than a mode.
    init(column: String) throws(DamagedRow) {
        guard let mode = Self(rawValue: column) else {
            throw DamagedRow(row: "a lock", what: "its mode is neither shared nor exclusive")
        }
        self = mode
    }
}
