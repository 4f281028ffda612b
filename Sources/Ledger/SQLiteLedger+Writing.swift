package import Domain
import GRDB
import Logging
import Synchronization

extension SQLiteLedger: DeliveryInbox, LedgerWriter {
    package func insert(_ delivery: VerifiedDelivery) async throws(LedgerError) -> InboxReceipt {
        let prepared = PreparedDelivery(delivery, redactor: redactor)
        return try await write { .delivery(prepared, DeliveryCaller($0)) }
    }

    package func commit(_ change: LedgerChange) async throws(LedgerError) {
        if change.isEmpty { return }
        let prepared = try PreparedChange(change, redactor: redactor, now: time.now.microseconds)
        try await write { .change(prepared, $0) }
    }

    /// Waits, without hearing of cancellation, until the work is committed.
    func write<Value: Sendable>(
        _ work: (PendingWrite.Caller<Value>) -> PendingWrite.Work
    ) async throws(LedgerError) -> Value {
        let result = await withCheckedContinuation { caller in
            if queue.add(PendingWrite(work: work(caller))) { startWriter() }
        }
        return try result.get()
    }

    /// Writes on the writer connection's own queue, off the cooperative pool, until nothing waits. Not GRDB's async
    /// `write`: that one writes nothing when its task is cancelled. Between two groups others come to their turn on
    /// that queue, such as the pause for a checkpoint.
    func startWriter() {
        pool.asyncWriteWithoutTransaction { [self] db in
            guard let group = queue.takeAll() else { return }
            commit(group, db)
            startWriter()
        }
    }

    private func commit(_ group: [PendingWrite], _ db: Database) {
        var outcomes: [GroupWriter.Outcome] = []
        outcomes.reserveCapacity(group.count)
        do {
            var writer = GroupWriter(db: db, chain: try state.withLock { $0.chain } ?? AuditChain(db))
            try db.inTransaction(.immediate) {
                for write in group { outcomes.append(try writer.apply(write)) }
                guard mayWrite() else { throw WritingIsOver() }
                return .commit
            }
            succeeded(group, writer.chain)
        } catch is WritingIsOver {
            for write in group { write.refuse(.closed) }
            return
        } catch {
            let reason = failed(error, count: group.count)
            for write in group { write.refuse(.unavailable(reason)) }
            return
        }
        for (write, outcome) in zip(group, outcomes) { write.answer(outcome) }
    }

    private func succeeded(_ group: [PendingWrite], _ chain: AuditChain) {
        let pages = group.reduce(2) { $0 + $1.pages }
        let writes = group.count { !$0.isUpkeep }
        let (recovered, isCheckpointDue) = state.withLock { state in
            let recovered = state.failure != nil
            state.failure = nil
            state.chain = chain
            state.statistics.commits += 1
            state.statistics.writes += Int64(writes)
            state.pagesSinceCheckpoint += pages
            return (recovered, state.pagesSinceCheckpoint >= Checkpoints.pages)
        }
        if recovered { logger.notice("the ledger can be written again", metadata: ["path": "\(file.path)"]) }
        if isCheckpointDue { checkpointBell.ring.yield() }
    }

    private func failed(_ error: any Error, count: Int) -> String {
        let reason =
            "the ledger \(file.path) cannot be written: "
            + SQLiteFailure(error, folderError: LedgerOpening.folderError(of: file.path)).description
        let isNew = state.withLock { state in
            let isNew = state.failure != reason
            state.failure = reason
            state.chain = nil
            state.statistics.failures += 1
            return isNew
        }
        // Once per reason: the queue may be full of writes that fail alike.
        if isNew {
            logger.error("the ledger cannot be written", metadata: ["reason": "\(reason)", "writes": "\(count)"])
        }
        return reason
    }
}

/// Another process may write by now.
private struct WritingIsOver: Error {}

extension PendingWrite {
    /// Tells the caller what was committed.
    fileprivate func answer(_ outcome: GroupWriter.Outcome) {
        switch (work, outcome) {
        case (.delivery(_, let caller), .delivery(let receipt)): caller.resume(returning: .success(receipt))
        case (.change(_, let caller), .change(let result)): caller.resume(returning: result)
        case (.upkeep(_, let caller), .upkeep(let count)): caller.resume(returning: .success(count))
        // Outcomes are made in the order of the writes, so this does not happen; a caller must be answered even so.
        default: refuse(.unavailable("the ledger mixed up its answers"))
        }
    }

    fileprivate var isUpkeep: Bool { if case .upkeep = work { true } else { false } }

    /// About how many pages of the log it fills.
    fileprivate var pages: Int {
        switch work {
        case .delivery(let delivery, _): 2 + delivery.body.count / 8192
        case .change(let change, _): 2 * (change.writes.count + change.audit.count)
        case .upkeep: 1
        }
    }
}
