import Domain
import Foundation
import GRDB
import Logging
import ServiceLifecycle
import Synchronization

extension SQLiteLedger: Service {
    /// Runs until a graceful shutdown or cancellation, then writes what waits, refuses what comes later as closed, and
    /// closes the file.
    package func run() async throws {
        guard let mustStart = queue.open() else {
            throw LedgerOpenError(path: file.path, reason: "this ledger ran before; open a new one")
        }
        if mustStart { startWriter() }
        await withTaskGroup { group in
            group.addTask { await self.checkpointLoop() }
            group.addTask { await self.upkeepLoop() }
            if isLarge { group.addTask { await self.checkLargeFile() } }
            // Thrown when run() itself is cancelled, which ends it in the same way.
            try? await gracefulShutdown()
            group.cancelAll()
        }
        await queue.close()
        try await closeFile()
    }

    /// Closing the last connection checkpoints, which blocks.
    private func closeFile() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async { [self] in continuation.resume(with: Result { try close() }) }
        }
    }
}
