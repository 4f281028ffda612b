import Domain
import Synchronization

/// Every circuit breaker that is not as new, as all parts of the engine see them at once. The ledger's notes are what
/// outlives a restart.
final class BreakerTable: Sendable {
    private let breakers = Mutex<[String: Breaker]>([:])

    /// All of them, by command and key.
    var all: [Breaker] {
        breakers.withLock { $0.values.sorted { ($0.command, $0.key) < ($1.command, $1.key) } }
    }

    /// Takes what the ledger holds for the truth.
    func replace(with all: [Breaker]) {
        breakers.withLock { breakers in
            breakers = Dictionary(all.map { ($0.noteName, $0) }, uniquingKeysWith: { _, last in last })
        }
    }

    func breaker(command: String, key: String) -> Breaker? {
        let name = Breaker.noteName(command: command, key: key)
        return breakers.withLock { $0[name] }
    }

    /// False when there is no room for one more.
    func set(_ breaker: Breaker) -> Bool {
        breakers.withLock { breakers in
            if breakers[breaker.noteName] == nil, breakers.count >= Breaker.most { return false }
            breakers[breaker.noteName] = breaker
            return true
        }
    }

    func remove(_ breaker: Breaker) { breakers.withLock { $0[breaker.noteName] = nil } }

    /// The breaker whose trial this job is.
    func trial(_ id: JobID) -> Breaker? {
        breakers.withLock { breakers in
            breakers.values.first { if case .halfOpen(id, _) = $0.state { true } else { false } }
        }
    }
}
