package import Foundation

/// Where the engine's time comes from, so that a test can move it. Wall-clock time is UTC.
package protocol TimeSource: Sendable {
    /// The wall clock.
    var now: Date { get }
    /// Waits that long by a monotonic clock. Throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own clocks.
package struct SystemTime: TimeSource {
    package init() {}
    package var now: Date { Date() }
    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, clock: .continuous)
    }
}

extension Date {
    /// Microseconds since 1970-01-01T00:00:00Z, the form in which the ledger keeps times.
    package var microseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

    /// A date from microseconds since 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }

    /// This date moved by a duration.
    package func advanced(by duration: Duration) -> Date { addingTimeInterval(duration.secondsValue) }

    /// The time from `earlier` to this date.
    package func since(_ earlier: Date) -> Duration { .seconds(timeIntervalSince(earlier)) }
}
