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

    /// What is in the way of these locks and will go last: of jobs that wait (fencing 0) the one with the highest number,
    /// else of those that hold. Whoever waits for it need not hear of those before it, and hears nothing new when they end.
    func lastHolder(inTheWayOf requests: [LockRequest], of jobID: JobID) -> HeldLock? {
        var last: HeldLock?
        for request in requests {
            let paths = LockTable.above(request.path) + [request.path]
            for locks in paths.compactMap({ at[$0] }) + [below[request.path] ?? []] {
                for lock in locks.reversed() where lock.jobID != jobID && request.conflicts(with: lock.request) {
                    if last.map({ LockTable.goes($0, before: lock) }) ?? true { last = lock }
                    // The rest of the list has lower numbers.
                    if lock.fencing == 0 { break }
                }
            }
        }
        return last
    }

    private static func goes(_ one: HeldLock, before other: HeldLock) -> Bool {
        if (one.fencing == 0) != (other.fencing == 0) { return other.fencing == 0 }
        return one.jobID < other.jobID
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
