import Domain
import Synchronization

/// Writes that wait. Deliveries and changes are bounded apart, so that a flood of deliveries does not stop jobs.
final class WriteQueue: Sendable {
    fileprivate enum Phase {
        /// The service does not run yet: writes wait for it.
        case starting
        case open
        case closed
    }

    fileprivate struct State {
        var phase = Phase.starting
        var waiting: [PendingWrite] = []
        var deliveries = 0
        var changes = 0
        /// True from the moment a writer is called for until it finds nothing more.
        var isWriting = false
        var onIdle: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let limit: Int

    /// `limit` is the most deliveries, and the most changes, that wait.
    init(limit: Int) { self.limit = max(limit, 1) }

    /// Adds a write, or refuses it. Returns true when a writer must be started.
    func add(_ write: PendingWrite) -> Bool {
        let refusal: LedgerError
        switch state.withLock({ $0.add(write, limit: limit) }) {
        case .success(let mustStart): return mustStart
        case .failure(let error): refusal = error
        }
        write.refuse(refusal)
        return false
    }

    /// Everything that waits; nil when nothing does, and then the writer ends.
    func takeAll() -> [PendingWrite]? {
        let (writes, idle) = state.withLock { state -> ([PendingWrite], [CheckedContinuation<Void, Never>]) in
            let writes = state.waiting
            state.waiting = []
            state.deliveries = 0
            state.changes = 0
            guard writes.isEmpty else { return (writes, []) }
            state.isWriting = false
            let idle = state.onIdle
            state.onIdle = []
            return ([], idle)
        }
        for waiter in idle { waiter.resume() }
        return writes.isEmpty ? nil : writes
    }

    /// Lets writes through. Returns true when some wait already and a writer must be started; nil when it was opened
    /// before.
    func open() -> Bool? {
        state.withLock { state in
            guard case .starting = state.phase else { return nil }
            state.phase = .open
            state.isWriting = !state.waiting.isEmpty
            return state.isWriting
        }
    }

    /// Refuses further writes and returns when those that wait are written.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.phase = .closed
                if state.isWriting { state.onIdle.append(continuation) }
                return !state.isWriting
            }
            if isIdle { continuation.resume() }
        }
    }

    /// How many deliveries wait, how many changes, and how many of each may.
    var fill: (deliveries: Int, changes: Int, limit: Int) {
        let (deliveries, changes) = state.withLock { ($0.deliveries, $0.changes) }
        return (deliveries, changes, limit)
    }

    /// How many deliveries and changes wait.
    var depth: Int { state.withLock { $0.deliveries + $0.changes } }
}

extension WriteQueue.State {
    fileprivate mutating func add(_ write: PendingWrite, limit: Int) -> Result<Bool, LedgerError> {
        if case .closed = phase { return .failure(.closed) }
        switch write.work {
        case .delivery:
            guard deliveries < limit else { return .failure(.overloaded) }
            deliveries += 1
        case .change:
            guard changes < limit else { return .failure(.overloaded) }
            changes += 1
        case .upkeep: break
        }
        waiting.append(write)
        guard case .open = phase, !isWriting else { return .success(false) }
        isWriting = true
        return .success(true)
    }
}
