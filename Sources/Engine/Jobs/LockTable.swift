import Domain

/// The locks that are held, and those that waiting jobs are next in line for. A copy of the ledger's in memory. Who is in
/// the way is found by paths, however many wait.
struct LockTable {
    /// Held at a path, the lowest number of a job first.
    private var at: [String: [HeldLock]] = [:]
    /// Held somewhere below a path, likewise.
    private var below: [String: [HeldLock]] = [:]
    private var requests: [JobID: [LockRequest]] = [:]

    init(_ held: [HeldLock] = []) {
        for lock in held { insert(lock) }
    }

    /// All that is held.
    var held: [HeldLock] { at.values.flatMap(\.self) }

    /// The job that holds something in the way of these locks, the lowest number first.
    func holder(inTheWayOf requests: [LockRequest], of jobID: JobID) -> HeldLock? {
        var first: HeldLock?
        for request in requests {
            let paths = LockTable.above(request.path) + [request.path]
            for locks in paths.compactMap({ at[$0] }) + [below[request.path] ?? []] {
                let found = locks.first { $0.jobID != jobID && request.conflicts(with: $0.request) }
                if let found, found.jobID < first?.jobID ?? .max { first = found }
            }
        }
        return first
    }

    mutating func take(_ requests: [LockRequest], jobID: JobID, fencing: Int64) {
        for request in requests.sorted() { insert(HeldLock(request: request, jobID: jobID, fencing: fencing)) }
    }

    mutating func release(jobID: JobID) {
        for request in requests.removeValue(forKey: jobID) ?? [] {
            LockTable.remove(jobID, from: &at, request.path)
            for path in LockTable.above(request.path) { LockTable.remove(jobID, from: &below, path) }
        }
    }

    private mutating func insert(_ lock: HeldLock) {
        requests[lock.jobID, default: []].append(lock.request)
        LockTable.insert(lock, into: &at, lock.request.path)
        for path in LockTable.above(lock.request.path) { LockTable.insert(lock, into: &below, path) }
    }

    private static func insert(_ lock: HeldLock, into locks: inout [String: [HeldLock]], _ path: String) {
        let list = locks[path, default: []]
        // Jobs come in the order of their numbers, but for those that go on after a restart.
        let place =
            list.last.map { $0.jobID <= lock.jobID } ?? true
            ? list.count : list.firstIndex { $0.jobID > lock.jobID } ?? list.count
        locks[path, default: []].insert(lock, at: place)
    }

    private static func remove(_ jobID: JobID, from locks: inout [String: [HeldLock]], _ path: String) {
        locks[path]?.removeAll { $0.jobID == jobID }
        if locks[path]?.isEmpty == true { locks[path] = nil }
    }

    /// `pool` and `pool/x` of `pool/x/node`.
    private static func above(_ path: String) -> [String] {
        path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) }
    }
}
