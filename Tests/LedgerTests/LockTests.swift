import Domain
import Ledger
import TestSupport
import Testing

@Suite struct LockTests {
    /// What a test does next.
    private enum Move: Sendable {
        case take(JobID, [LockRequest])
        case release(JobID)
        case crash
    }

    private static let jobs: ClosedRange<JobID> = 1...5
    private static let paths = ["a", "a/b", "a/b/c", "a/bc", "a/d", "e", "e/f"]

    private static func moves(_ count: Int, seed: UInt64) -> [Move] {
        var dice = Dice(seed: seed)
        return (0..<count).map { _ in
            let job = JobID.random(in: jobs, using: &dice)
            switch Int.random(in: 0..<20, using: &dice) {
            case 0: return .crash
            case 1..<8: return .release(job)
            default:
                let wanted = paths.shuffled(using: &dice).prefix(Int.random(in: 1...3, using: &dice))
                return .take(
                    job, wanted.map { LockRequest(path: $0, mode: Bool.random(using: &dice) ? .shared : .exclusive) })
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `Whatever is taken, released and lost in crashes, no two jobs hold what conflicts`(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            try await ledger.commit(LedgerChange(LockTests.jobs.map { .saveJob(aJob($0)) }))
        }
        var held: [JobID: Set<LockRequest>] = [:]
        var moves = LockTests.moves(150, seed: seed)[...]
        while !moves.isEmpty {
            let next = Array(moves.prefix { if case .crash = $0 { false } else { true } })
            moves = moves.dropFirst(next.count + 1)
            let before = held
            held = try await withLedger(at: path) { ledger in try await LockTests.play(next, ledger, from: before) }
        }
    }

    /// Returns who holds what in the end, by a model that is told only what succeeded.
    private static func play(
        _ moves: [Move], _ ledger: SQLiteLedger, from start: [JobID: Set<LockRequest>]
    ) async throws -> [JobID: Set<LockRequest>] {
        var held = start
        for move in moves {
            switch move {
            case .take(let job, let requests):
                let others = held.filter { $0.key != job }.values.joined()
                let isFree = !others.contains { lock in requests.contains { $0.conflicts(with: lock) } }
                let change = LedgerChange([.takeLocks(jobID: job, fencing: ledger.nextFencing(), requests)])
                do throws(LedgerError) {
                    try await ledger.commit(change)
                    #expect(isFree, "\(move) with \(held)")
                    for request in requests {
                        held[job] = (held[job] ?? []).filter { $0.path != request.path }.union([request])
                    }
                } catch {
                    #expect(!isFree, "\(move) with \(held): \(error)")
                }
            case .release(let job):
                try await ledger.commit(LedgerChange([.releaseLocks(jobID: job)]))
                held[job] = nil
            case .crash: break
            }
            let stored = try await ledger.heldLocks()
            #expect(Dictionary(grouping: stored, by: \.jobID).mapValues { Set($0.map(\.request)) } == held)
            for lock in stored {
                #expect(!stored.contains { $0.jobID != lock.jobID && $0.request.conflicts(with: lock.request) })
            }
        }
        return held
    }
}
