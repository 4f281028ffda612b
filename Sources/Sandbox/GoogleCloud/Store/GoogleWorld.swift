import Domain
import Foundation
import Synchronization

/// The stand-in's state behind a lock; whoever looks sees it as it is at this moment.
final class GoogleWorld: Sendable {
    private let state: Mutex<GoogleState>
    let time: any TimeSource
    let changes = ChangeCounter()

    init(_ state: GoogleState, time: any TimeSource) {
        self.state = Mutex(state)
        self.time = time
    }

    /// Looks at the state.
    func read<Value: Sendable>(_ body: (GoogleState, Date) throws -> Value) throws -> Value {
        let now = time.now
        return try state.withLock { state in
            state.settle(now)
            return Result { try body(state, now) }
        }.get()
    }

    /// Changes the state, wholly or not at all, and tells those who wait for news.
    func change<Value: Sendable>(_ body: (inout GoogleState, Date) throws -> Value) throws -> Value {
        let now = time.now
        let result = state.withLock { state in
            state.settle(now)
            var copy = state
            return Result {
                let value = try body(&copy, now)
                state = copy
                return value
            }
        }
        changes.bump()
        return try result.get()
    }

    /// Takes one request's failure, and how many milliseconds its answer waits.
    func takeFailure(_ method: String) -> (failure: GoogleCloudFailures.Kind?, delay: Int) {
        state.withLock { ($0.failures.take(method), $0.failures.delay) }
    }

    /// The failures that are switched on.
    var failures: GoogleCloudFailures {
        get { state.withLock { $0.failures } }
        set {
            state.withLock { $0.failures = newValue }
            changes.bump()
        }
    }
}
