import Domain
import Foundation
import Synchronization

/// Time that a test moves, seen in two ways.
final class SweepClock: Sendable {
    private let date = Mutex(Date(timeIntervalSince1970: 1_790_000_000))

    var now: Date { date.withLock { $0 } }

    func advance(by duration: Duration) { date.withLock { $0 = $0.advanced(by: duration) } }

    /// For the sweep: its pauses are over at once, and the time has passed.
    struct Hurried: TimeSource {
        let clock: SweepClock
        var now: Date { clock.now }

        func sleep(for duration: Duration) async throws {
            try Task.checkCancellation()
            clock.advance(by: duration)
        }
    }

    /// For all others: their time-outs are real.
    struct Standing: TimeSource {
        let clock: SweepClock
        var now: Date { clock.now }
        func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
    }
}
