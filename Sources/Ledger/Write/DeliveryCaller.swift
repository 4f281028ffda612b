import Domain
import Synchronization

/// Who waits for a delivery to be written. Answered once: with what became of it, or that it takes too long.
final class DeliveryCaller: Sendable {
    private let caller: Mutex<PendingWrite.Caller<InboxReceipt>?>

    init(_ caller: PendingWrite.Caller<InboxReceipt>) { self.caller = Mutex(caller) }

    /// The first answer counts.
    func resume(returning result: Result<InboxReceipt, LedgerError>) {
        let waiting = caller.withLock { caller in
            defer { caller = nil }
            return caller
        }
        waiting?.resume(returning: result)
    }
}
