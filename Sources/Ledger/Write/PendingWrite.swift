import Domain

/// A write that waits for the next commit, and its caller.
struct PendingWrite: Sendable {
    typealias Caller<Value: Sendable> = CheckedContinuation<Result<Value, LedgerError>, Never>

    enum Work: Sendable {
        case delivery(PreparedDelivery, DeliveryCaller)
        case change(PreparedChange, Caller<Void>)
        case upkeep(Upkeep, Caller<Int>)
    }

    /// What the ledger writes of itself.
    enum Upkeep: Sendable {
        /// Finds out whether the file can be written again.
        case probe(time: Int64)
        /// Removes bodies received before `before` (microseconds); answers with their number.
        case removeBodies(before: Int64, now: Int64, limit: Int)
    }

    let work: Work
    /// The queue's count of ticks when it came.
    var tick = 0

    var isDelivery: Bool { if case .delivery = work { true } else { false } }

    init(work: Work) { self.work = work }

    /// Tells the caller that nothing was written.
    func refuse(_ error: LedgerError) {
        switch work {
        case .delivery(_, let caller): caller.resume(returning: .failure(error))
        case .change(_, let caller): caller.resume(returning: .failure(error))
        case .upkeep(_, let caller): caller.resume(returning: .failure(error))
        }
    }
}
