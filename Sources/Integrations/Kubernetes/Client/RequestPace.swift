import Synchronization

/// How often a cluster is asked at most: a burst at once, then so many requests a second. The rest waits its turn, so
/// that a job about many objects does not crowd others out at the API server. The algorithm is the one of ATM Forum TM
/// 4.0 §4.4.2 (generic cell rate algorithm); the figures are kubectl's.
final class RequestPace: Sendable {
    static let perSecond = 50
    static let burst = 300

    private let interval: Duration
    private let tolerance: Duration
    /// When the next request would be due if all came evenly.
    private let due: Mutex<ContinuousClock.Instant?>

    init(perSecond: Int = RequestPace.perSecond, burst: Int = RequestPace.burst) {
        interval = .seconds(1) / perSecond
        tolerance = interval * (burst - 1)
        due = Mutex(nil)
    }

    /// Waits for the request's turn. Throws `CancellationError` when its task was cancelled.
    func turn() async throws {
        let wait = reserve(now: .now)
        if wait > .zero { try await Task.sleep(for: wait) }
    }

    /// Takes the next turn, and says how long it is until then.
    func reserve(now: ContinuousClock.Instant) -> Duration {
        due.withLock { due in
            let planned = max(due ?? now, now)
            due = planned.advanced(by: interval)
            return max(.zero, now.duration(to: planned) - tolerance)
        }
    }
}
