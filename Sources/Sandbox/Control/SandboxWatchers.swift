import Synchronization

/// Who is told of every exchange, and what was received.
final class SandboxWatchers: Sendable {
    /// Exchanges that are remembered.
    static let most = 10_000

    private struct State {
        var bodies: [@Sendable (SandboxExchange) -> Void] = []
        var received: [String] = []
    }

    private let state = Mutex(State())

    func add(_ body: @escaping @Sendable (SandboxExchange) -> Void) { state.withLock { $0.bodies.append(body) } }

    var received: [String] { state.withLock { $0.received } }

    func forget() { state.withLock { $0.received = [] } }

    func tell(_ exchange: SandboxExchange) {
        let bodies = state.withLock { state in
            let name = exchange.methodID.isEmpty ? "\(exchange.verb) \(exchange.path)" : exchange.methodID
            state.received.append("\(name) \(exchange.status)")
            if state.received.count > SandboxWatchers.most { state.received.removeFirst() }
            return state.bodies
        }
        for body in bodies { body(exchange) }
    }
}
