import Domain
import TestSupport
import Testing

@testable import Engine

@Suite struct LockTableTests {
    private static let paths = ["pool", "pool/a", "pool/a/x", "pool/a/y", "pool/ab", "pool/b", "dns", "dns/a"]

    /// What each lock of all that are held says by itself.
    private func holder(_ held: [HeldLock], _ requests: [LockRequest], of jobID: JobID) -> JobID? {
        held.filter { lock in lock.jobID != jobID && requests.contains { $0.conflicts(with: lock.request) } }
            .map(\.jobID).min()
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `Whoever is in the way is found as if each lock were looked at`(seed: UInt64) {
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
                table.take(wanted, jobID: id, fencing: Int64(step))
                held += wanted.map { HeldLock(request: $0, jobID: id, fencing: Int64(step)) }
            } else {
                table.release(jobID: id)
                held.removeAll { $0.jobID == id }
            }
            let asked = requests()
            #expect(table.holder(inTheWayOf: asked, of: id)?.jobID == holder(held, asked, of: id))
        }
        #expect(Set(table.held) == Set(held))
    }
}
