import Domain
import Synchronization

/// The cluster's state behind one lock, and the bells of those who wait for changes.
final class ClusterStore: Sendable {
    private struct Bells {
        var next = 0
        var ringing: [Int: AsyncStream<Void>.Continuation] = [:]
        var isClosed = false
    }

    private let state: Mutex<ClusterState>
    private let bells = Mutex(Bells())

    init(_ state: ClusterState) { self.state = Mutex(state) }

    /// Looks at the state.
    func read<Value: Sendable>(_ body: (borrowing ClusterState) throws -> Value) rethrows -> Value {
        try state.withLock { try body($0) }
    }

    /// Changes the state and wakes whoever waits for changes. `body` throws before it changes anything, or not at all.
    func change<Value: Sendable>(_ body: (inout ClusterState) throws -> Value) rethrows -> Value {
        let (value, isChanged) = try state.withLock { state in
            let before = state.version
            let value = try body(&state)
            return (value, state.version != before)
        }
        if isChanged { ring() }
        return value
    }

    /// Wakes whoever waits, also when nothing in the state changed (a failure was switched, log lines came).
    func ring() {
        // Outside the lock: waking a task that is just being cancelled waits for its `onTermination`, which takes it.
        let all = bells.withLock { Array($0.ringing.values) }
        for bell in all { bell.yield() }
    }

    /// A stream that yields after changes, several of them as one. It ends when the store closes.
    func bell() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = bells.withLock { bells -> Int? in
            guard !bells.isClosed else { return nil }
            bells.next += 1
            bells.ringing[bells.next] = continuation
            return bells.next
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.bells.withLock { $0.ringing[id] = nil }
        }
        return stream
    }

    /// Ends all watches, so that the server can stop.
    func close() {
        let all = bells.withLock { bells in
            bells.isClosed = true
            return Array(bells.ringing.values)
        }
        for bell in all { bell.finish() }
    }
}
