import Domain
import Foundation
import Synchronization

/// Time that a backtest moves from one thing that happened to the next.
final class BacktestClock: TimeSource {
    private let state: Mutex<Date>

    init(_ now: Date) { state = Mutex(now) }

    var now: Date { state.withLock { $0 } }

    /// Never goes back.
    func move(to date: Date) { state.withLock { $0 = max($0, date) } }

    /// Nobody waits in a backtest.
    func sleep(for duration: Duration) async throws { move(to: now.advanced(by: duration)) }
}
