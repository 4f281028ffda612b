import Domain
import TestSupport
import Testing

@testable import Engine

@Suite struct LockTableTests {
    private static let paths = ["pool", "pool/a", "pool/a/x", "pool/a/y", "pool/ab", "pool/b", "dns", "dns/a"]

    /// What each lock of all that are held says by itself.
    private func holder(_ held: [HeldLock], _ requests: [LockRequest], of jobID: JobID) -> JobID? {
        let inTheWay = held.filter { lock in
            lock.jobID != jobID && requests.contains { $0.conflicts(with: lock.request) }
        }
        return (inTheWay.filter { $0.fencing == 0 }.map(\.jobID).max()) ?? inTheWay.map(\.jobID).max()
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `Whoever goes last of those in the way is found as if each lock were looked at`(seed: UInt64) {
        var random = Dice(seed: seed)
        var table = LockTable()
        var held: [HeldLock] = []
        func requests() -> [LockRequest] {
            LockTableTests.paths.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }.map {
                LockRequest(path: $0, mode: Bool.random(using: &random) ? .shared : .exclusive)
            }
        }
        for step in 0..<2000 {
            let id = JobID(Int.random(in: 1...20, using: &random))
            if Bool.random(using: &random) {
                let wanted = requests()
                // Zero: it waits.
                let fencing = Bool.random(using: &random) ? 0 : Int64(step)
                table.take(wanted, jobID: id, fencing: fencing)
                held += wanted.map { HeldLock(request: $0, jobID: id, fencing: fencing) }
            } else {
                table.release(jobID: id)
                held.removeAll { $0.jobID == id }
            }
            let asked = requests()
            #expect(table.lastHolder(inTheWayOf: asked, of: id)?.jobID == holder(held, asked, of: id))
        }
        #expect(Set(table.held) == Set(held))
    }
}
