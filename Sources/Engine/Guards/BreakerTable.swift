import Domain
import Foundation
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

    enum Setting {
        /// To make room, the one that has been closed for longest may be forgotten: its earlier starts count again.
        case set(forgotten: Breaker?)
        /// There are as many as there may be, and all are open.
        case full
    }

    func set(_ breaker: Breaker) -> Setting {
        breakers.withLock { breakers in
            var forgotten: Breaker?
            if breakers[breaker.noteName] == nil, breakers.count >= Breaker.most {
                forgotten = breakers.values.filter { $0.closedAt != nil }
                    .min { ($0.closedAt ?? .distantPast) < ($1.closedAt ?? .distantPast) }
                guard let forgotten else { return .full }
                breakers[forgotten.noteName] = nil
            }
            breakers[breaker.noteName] = breaker
            return .set(forgotten: forgotten)
        }
    }

    /// The breaker whose trial this job is.
    func trial(_ id: JobID) -> Breaker? {
        breakers.withLock { breakers in
            breakers.values.first { $0.isTrial(id) }
        }
    }
}
