import Domain
import GRDB
import Logging
import Synchronization

/// Moves the log into the file, on a connection of its own: on the writer it would stop commits.
enum Checkpoints {
    /// About how many pages are written between two checkpoints.
    static let pages = 1000
    /// A log of so many pages is taken up by force of a pause: writers that never pause would never let it begin anew.
    static let longestLog = 8000
}

extension SQLiteLedger {
    func checkpointLoop() async {
        for await _ in checkpointBell.stream { await checkpoint() }
    }

    /// Passive: waits for nobody.
    func checkpoint(longestLog: Int = Checkpoints.longestLog) async {
        state.withLock { $0.pagesSinceCheckpoint = 0 }
        let left = await withCheckedContinuation { continuation in
            checkpointer.asyncWriteWithoutTransaction { [self] db in continuation.resume(returning: checkpoint(db)) }
        }
        guard left > longestLog else { return }
        // What was written meanwhile is little: take it up while the writer stands still, so that the next commit
        // starts the log from its beginning.
        await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { [self] _ in
                _ = checkpointer.writeWithoutTransaction { db in checkpoint(db) }
                continuation.resume()
            }
        }
    }

    /// Returns the length of the log in pages.
    private func checkpoint(_ db: Database) -> Int {
        do {
            return try db.checkpoint(.passive).walFrameCount
        } catch {
            report(error)
            return 0
        }
    }

    private func report(_ error: any Error) {
        logger.error(
            "the ledger's log cannot be moved into its file, and grows",
            metadata: ["path": "\(file.path)", "reason": "\(SQLiteFailure(error))"])
    }
}
