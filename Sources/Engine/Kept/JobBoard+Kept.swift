import Domain

extension JobBoard {
    /// Keeps a value for a job that runs under this lease; returns when it is committed. Throws `LedgerError.conflict`
    /// when it does not, or there are too many keys.
    func keep(_ key: String, _ value: JSONValue, size: Int, _ lease: KeptLease) async throws(LedgerError) {
        let job = try holder(of: lease)
        let kept = KeptValue(
            key: key, value: value, size: size, jobID: job.id, requester: job.requester.description, setAt: time.now)
        var detail: [String: JSONValue] = ["job": .int(job.id), "bytes": .int(Int64(size))]
        if size <= KeptValue.largestShown { detail["value"] = value }
        try await writer.commit(
            LedgerChange(
                [.keep(kept, fencing: lease.fencing)], audit: [audit("kept.set", key, job, .object(detail))]))
    }

    /// Keeps nothing under a key any more. Throws `LedgerError.conflict` when the job does not run under this lease.
    func forget(_ key: String, _ lease: KeptLease) async throws(LedgerError) {
        let job = try holder(of: lease)
        try await writer.commit(
            LedgerChange(
                [.forget(key: key, jobID: job.id, fencing: lease.fencing)],
                audit: [audit("kept.removed", key, job, ["job": .int(job.id)])]))
    }

    private func holder(of lease: KeptLease) throws(LedgerError) -> Job {
        guard let job = entries[lease.jobID]?.job, job.state == .running, job.fencing == lease.fencing else {
            throw .conflict("job \(lease.jobID) does not run any more under lease \(lease.fencing)")
        }
        return job
    }

    private func audit(_ kind: String, _ key: String, _ job: Job, _ detail: JSONValue) -> AuditEntry {
        AuditEntry(
            time: time.now, actor: job.requester.description, kind: kind, subject: "kept/\(key)", detail: detail)
    }
}
