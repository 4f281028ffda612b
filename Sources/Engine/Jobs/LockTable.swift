import Domain

/// The locks that are held, and those that waiting jobs are next in line for. A copy of the ledger's in memory.
struct LockTable {
    private(set) var held: [HeldLock] = []

    init(_ held: [HeldLock] = []) { self.held = held }

    /// The job that holds something in the way of these locks, the lowest number first.
    func holder(inTheWayOf requests: [LockRequest], of jobID: JobID) -> HeldLock? {
        held.filter { lock in lock.jobID != jobID && requests.contains { $0.conflicts(with: lock.request) } }
            .min { $0.jobID < $1.jobID }
    }

    mutating func take(_ requests: [LockRequest], jobID: JobID, fencing: Int64) {
        held += requests.sorted().map { HeldLock(request: $0, jobID: jobID, fencing: fencing) }
    }

    mutating func release(jobID: JobID) {
        held.removeAll { $0.jobID == jobID }
    }
}
