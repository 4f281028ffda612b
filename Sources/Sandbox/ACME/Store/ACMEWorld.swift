import Domain
import Foundation
import Synchronization

/// The authority's state behind a lock; whoever looks sees it as it is at this moment.
final class ACMEWorld: Sendable {
    private let state = Mutex(ACMEState())
    let time: any TimeSource
    let changes = ChangeCounter()

    init(time: any TimeSource) { self.time = time }

    /// Looks at the state.
    func read<Value: Sendable>(_ body: (ACMEState, Date) throws -> Value) rethrows -> Value {
        let now = time.now
        return try state.withLock { state in
            state.settle(now)
            return try body(state, now)
        }
    }

    /// Changes the state, wholly or not at all, and tells those who wait for news.
    func change<Value: Sendable>(_ body: (inout ACMEState, Date) throws -> Value) rethrows -> Value {
        let now = time.now
        defer { changes.bump() }
        return try state.withLock { state in
            state.settle(now)
            var copy = state
            let value = try body(&copy, now)
            copy.settle(now)
            state = copy
            return value
        }
    }

    var failures: ACMEFailures {
        get { state.withLock { $0.failures } }
        set {
            state.withLock { $0.failures = newValue }
            changes.bump()
        }
    }

    /// Takes one request's failure.
    func takeFailure(_ method: String, isSigned: Bool) -> ACMEFailures.Kind? {
        state.withLock { $0.failures.take(method, isSigned: isSigned) }
    }

    func makeNonce() -> String { state.withLock { $0.nonces.make() } }

    /// Uses a nonce up; false when it must be refused.
    func use(_ nonce: String?) -> Bool {
        state.withLock { state in
            let isGood = state.nonces.use(nonce)
            return !state.nonces.isRefused(state.failures.refusedNonces) && isGood
        }
    }
}
