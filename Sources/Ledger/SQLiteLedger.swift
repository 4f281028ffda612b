package import Domain
import Foundation
import GRDB
package import Logging
import Synchronization

/// The ledger in one SQLite file. All that writes goes through its `run()`, which commits everything that waits in one
/// transaction with one flush; readers have connections of their own.
///
/// Writes that come before `run()` starts wait for it. In a service group it comes first, so that it ends last.
package final class SQLiteLedger: Sendable {
    /// What a bot does not need to know of a ledger, but people who look after it do.
    package struct Statistics: Sendable, Hashable {
        /// Transactions committed, each with one flush.
        package var commits: Int64 = 0
        /// Deliveries and changes that they held.
        package var writes: Int64 = 0
        /// Transactions that failed as a whole.
        package var failures: Int64 = 0
        /// Deliveries and changes that wait now.
        package var waiting: Int64 = 0
    }

    struct State {
        var statistics = Statistics()
        /// Why the last transaction failed.
        var failure: String?
        /// What the check of a large file found.
        var damage: String?
        /// Nil after a failure: the file knows.
        var chain: AuditChain?
        /// About how many pages were written since the last checkpoint.
        var pagesSinceCheckpoint = 0
    }

    let pool: DatabasePool
    let checkpointer: DatabaseQueue
    let queue: WriteQueue
    let redactor: Redactor
    let time: any TimeSource
    let logger: Logger
    let keepBodies: Duration
    /// Asked before each transaction is committed.
    let mayWrite: @Sendable () -> Bool
    let numbers: NumberSeries
    let state: Mutex<State>
    /// Rings when enough pages wait for a checkpoint.
    let checkpointBell: (stream: AsyncStream<Void>, ring: AsyncStream<Void>.Continuation)
    let isLarge: Bool
    package let file: LedgerFile
    private let lock: Mutex<LockFile?>

    /// Opens the ledger, or makes an empty one (mode 0600) in a folder that is there. At most `queueLimit` deliveries
    /// and as many changes wait; a further one is refused as overloaded. Bodies of deliveries go after `keepBodies`.
    /// While `mayWrite` says no, nothing is committed: another process may write then. Throws `LedgerOpenError`.
    package init(
        path: String, redactor: Redactor, time: any TimeSource, queueLimit: Int, logger: Logger,
        keepBodies: Duration = Limits().keepBodies, mayWrite: @escaping @Sendable () -> Bool = { true }
    ) throws {
        let lock = try LedgerOpening.lock(path: path)
        let connections = try LedgerOpening.forWriting(path: path)
        pool = connections.pool
        checkpointer = connections.checkpointer
        isLarge = connections.size > LedgerOpening.checkedBeforeStart
        file = LedgerFile(path: path, reader: pool)
        queue = WriteQueue(limit: queueLimit)
        self.redactor = redactor
        self.time = time
        self.logger = logger
        self.keepBodies = keepBodies
        self.mayWrite = mayWrite
        self.lock = Mutex(lock)
        do {
            let (numbers, chain) = try pool.read { db in (try NumberSeries(db), try AuditChain(db)) }
            self.numbers = numbers
            state = Mutex(State(chain: chain))
        } catch {
            throw LedgerOpenError(path: path, error)
        }
        let (stream, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        checkpointBell = (stream, ring)
    }

    /// Opens a ledger's file for listings, whether a bot writes to it or not. Throws `LedgerOpenError`.
    package static func readOnly(path: String) throws -> any LedgerPast {
        LedgerListing(file: try LedgerOpening.forReading(path: path))
    }

    /// Nil when the ledger can be written and is whole, else the reason, for `/readyz`. A failed one is tried again by
    /// itself, without a restart.
    package var health: String? {
        state.withLock { $0.damage ?? $0.failure }
    }

    package var statistics: Statistics {
        var statistics = state.withLock { $0.statistics }
        statistics.waiting = Int64(queue.depth)
        return statistics
    }

    /// Closes the connections, and lets another process have the file. The pool ends with readers, and a reader cannot
    /// take up the log: the checkpointer goes last.
    func close() throws {
        try pool.close()
        try checkpointer.close()
        lock.withLock { $0 = nil }
    }
}

/// Reads a ledger that this process does not write.
struct LedgerListing: LedgerQueries {
    let file: LedgerFile
}
