package import Domain
import Foundation
import GRDB
import Logging
import Synchronization

extension SQLiteLedger {
    /// How often old bodies are looked for.
    static let retentionInterval = Duration.seconds(3600)
    /// How many deliveries one transaction of the retention looks at, so that others need not wait for it.
    private static let retentionBatch = 500
    /// How soon what did not fill a checkpoint is taken up.
    private static let longestCheckpointWait = Duration.seconds(30)
    /// How long a delivery waits for its commit before its sender is told to send it again, in seconds.
    static let longestDeliveryWait = 3

    /// Once a second: refuses deliveries that wait for too long, tries a failed file again; now and then, checkpoints and
    /// removes old bodies. What writes runs beside it, since a write may take long.
    func upkeepLoop() async {
        var nextRetention = time.now
        var nextCheckpoint = time.now.advanced(by: SQLiteLedger.longestCheckpointWait)
        let (isProbing, isCleaning) = (Occupied(), Occupied())
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                refuseLateDeliveries()
                if state.withLock({ $0.failure }) != nil, isProbing.begin() {
                    group.addTask {
                        await self.probe()
                        isProbing.end()
                    }
                }
                if time.now >= nextRetention, isCleaning.begin() {
                    nextRetention = time.now.advanced(by: SQLiteLedger.retentionInterval)
                    group.addTask {
                        await self.removeOldBodies()
                        isCleaning.end()
                    }
                }
                if time.now >= nextCheckpoint {
                    nextCheckpoint = time.now.advanced(by: SQLiteLedger.longestCheckpointWait)
                    if state.withLock({ $0.pagesSinceCheckpoint }) > 0 { checkpointBell.ring.yield() }
                }
                do { try await time.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    /// A sender hears in time that its delivery is not written: Slack waits 3 seconds, GitHub 10.
    private func refuseLateDeliveries() {
        let seconds = SQLiteLedger.longestDeliveryWait
        let reason = "the ledger \(file.path) cannot be written: a commit takes longer than \(seconds) s"
        let count = queue.refuseLate(after: seconds, .unavailable(reason))
        guard count > 0 else { return }
        let isNew = state.withLock { state in
            guard state.failure == nil else { return false }
            state.failure = reason
            return true
        }
        if isNew {
            logger.error("the ledger cannot be written", metadata: ["reason": "\(reason)", "writes": "\(count)"])
        }
    }

    private func probe() async {
        let now = time.now.microseconds
        do {
            _ = try await write { .upkeep(.probe(time: now), $0) }
        } catch {
            logger.debug("the ledger still cannot be written")
        }
    }

    private func removeOldBodies() async {
        do {
            let removed = try await removeBodies(olderThan: keepBodies)
            if removed > 0 { logger.info("bodies of old deliveries are removed", metadata: ["count": "\(removed)"]) }
        } catch {
            logger.warning("bodies of old deliveries cannot be removed", metadata: ["reason": "\(error)"])
        }
    }

    /// Removes the bodies of decoded deliveries that were received longer ago than that; their hashes stay, and the
    /// audit says what went. Returns how many.
    @discardableResult
    package func removeBodies(olderThan age: Duration) async throws(LedgerError) -> Int {
        let now = time.now
        let before = now.advanced(by: .zero - age).microseconds
        var removed = 0
        while true {
            let batch = try await write {
                .upkeep(
                    .removeBodies(before: before, now: now.microseconds, limit: SQLiteLedger.retentionBatch), $0)
            }
            removed += batch
            if batch == 0 { return removed }
        }
    }

    /// Files too large to be read before the start are checked beside it.
    func checkLargeFile() async {
        do {
            let path = file.path
            let damage = try await file.read { db -> String? in
                do {
                    try LedgerOpening.quickCheck(db, path: path)
                    return nil
                } catch let error as LedgerOpenError {
                    return error.description
                }
            }
            guard let damage else { return }
            state.withLock { $0.damage = damage }
            logger.critical("the ledger is damaged", metadata: ["reason": "\(damage)"])
        } catch {
            logger.error("the ledger could not be checked", metadata: ["reason": "\(error)"])
        }
    }
}

/// Whether a work of the upkeep is under way.
private final class Occupied: Sendable {
    private let isUnderWay = Mutex(false)

    /// Returns false when it is already.
    func begin() -> Bool {
        isUnderWay.withLock { isUnderWay in
            defer { isUnderWay = true }
            return !isUnderWay
        }
    }

    func end() { isUnderWay.withLock { $0 = false } }
}
