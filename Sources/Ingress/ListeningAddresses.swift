package import Domain
import Synchronization

/// Tells where the ingress listens, once it does.
package final class ListeningAddresses: Sendable {
    /// The addresses with their real ports.
    package struct Bound: Sendable, Hashable {
        /// Where webhooks come in.
        package var listen: ListenAddress?
        /// Where operations are served apart from webhooks.
        package var adminListen: ListenAddress?
        /// Where certificate authorities are answered apart from webhooks.
        package var challengeListen: ListenAddress?
        package var socketPath: String?
    }

    private struct State {
        var missing = Int.max
        var bound = Bound()
        var end: Result<Bound, any Error>?
        var waiting: [AsyncThrowingStream<Bound, any Error>.Continuation] = []
    }

    private let state = Mutex(State())

    /// Waits until everything listens. Throws when a listener could not start, or when the server has stopped.
    package var bound: Bound {
        get async throws {
            let (stream, continuation) = AsyncThrowingStream<Bound, any Error>.makeStream()
            let end = state.withLock { state in
                if state.end == nil { state.waiting.append(continuation) }
                return state.end
            }
            if let end { return try end.get() }
            for try await bound in stream { return bound }
            throw CancellationError()
        }
    }

    func expect(_ count: Int) {
        state.withLock { $0.missing = count }
    }

    func isUp(_ address: ListenAddress, _ audience: Listener.Audience) {
        isUp { bound in
            switch audience {
            case .everybody: bound.listen = address
            case .operators: bound.adminListen = address
            case .authorities: bound.challengeListen = address
            }
        }
    }

    func socketIsUp(_ path: String) {
        isUp { $0.socketPath = path }
    }

    /// Nobody waits for ever.
    func stopped(_ error: any Error) {
        let waiting = state.withLock { state in
            state.end = .failure(error)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.finish(throwing: error) }
    }

    private func isUp(_ note: (inout Bound) -> Void) {
        let (waiting, bound) = state.withLock { state in
            note(&state.bound)
            state.missing -= 1
            guard state.missing == 0, state.end == nil else { return (state.waiting.prefix(0), state.bound) }
            state.end = .success(state.bound)
            defer { state.waiting = [] }
            return (state.waiting[...], state.bound)
        }
        for continuation in waiting {
            continuation.yield(bound)
            continuation.finish()
        }
    }
}
