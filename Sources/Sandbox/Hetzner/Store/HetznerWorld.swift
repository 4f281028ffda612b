import Domain
import Foundation
import Synchronization

/// The stand-in's state behind a lock; whoever looks sees it as it is at this moment.
final class HetznerWorld: Sendable {
    private let state: Mutex<HetznerState>
    private let hooks = Mutex(Hooks())
    let time: any TimeSource
    let changes = ChangeCounter()

    struct Hooks: Sendable {
        var running: [@Sendable (JSONValue) -> Void] = []
        var gone: [@Sendable (JSONValue) -> Void] = []
    }

    init(_ state: HetznerState, time: any TimeSource) {
        self.state = Mutex(state)
        self.time = time
    }

    /// Looks at the state.
    func read<Value: Sendable>(_ body: (HetznerState, Date) throws -> Value) throws -> Value {
        let now = time.now
        let (result, events) = state.withLock { state in
            state.settle(now)
            return (Result { try body(state, now) }, HetznerWorld.take(&state))
        }
        tell(events)
        return try result.get()
    }

    /// Changes the state, wholly or not at all, and tells those who wait for news.
    func change<Value: Sendable>(_ body: (inout HetznerState, Date) throws -> Value) throws -> Value {
        let now = time.now
        let (result, events) = state.withLock { state in
            state.settle(now)
            var copy = state
            let result = Result {
                let value = try body(&copy, now)
                state = copy
                return value
            }
            return (result, HetznerWorld.take(&state))
        }
        changes.bump()
        tell(events)
        return try result.get()
    }

    private static func take(_ state: inout HetznerState) -> [HetznerState.Event] {
        defer { state.events = [] }
        return state.events
    }

    /// Outside of the lock, so that a hook may ask the stand-in.
    private func tell(_ events: [HetznerState.Event]) {
        guard !events.isEmpty else { return }
        let hooks = hooks.withLock { $0 }
        for event in events {
            switch event {
            case .running(let server): for hook in hooks.running { hook(server) }
            case .gone(let server): for hook in hooks.gone { hook(server) }
            }
        }
    }

    func hook(_ body: (inout Hooks) -> Void) { hooks.withLock { body(&$0) } }

    /// Takes one request's failure, and how many milliseconds its answer waits.
    func takeFailure(_ method: String, isChange: Bool) -> (failure: HetznerFailures.Kind?, delay: Int) {
        state.withLock { ($0.failures.take(method, isChange: isChange), $0.failures.delay) }
    }

    /// The failures that are switched on.
    var failures: HetznerFailures {
        get { state.withLock { $0.failures } }
        set {
            state.withLock { $0.failures = newValue }
            changes.bump()
        }
    }
}
