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

    /// Once a second: tries a failed file again; now and then, checkpoints and removes old bodies.
    func upkeepLoop() async {
        var nextRetention = time.now
        var nextCheckpoint = time.now.advanced(by: SQLiteLedger.longestCheckpointWait)
        while !Task.isCancelled {
            if state.withLock({ $0.failure }) != nil { await probe() }
            if time.now >= nextRetention {
                nextRetention = time.now.advanced(by: SQLiteLedger.retentionInterval)
                await removeOldBodies()
            }
            if time.now >= nextCheckpoint {
                nextCheckpoint = time.now.advanced(by: SQLiteLedger.longestCheckpointWait)
                if state.withLock({ $0.pagesSinceCheckpoint }) > 0 { checkpointBell.ring.yield() }
            }
            do { try await time.sleep(for: .seconds(1)) } catch { return }
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
