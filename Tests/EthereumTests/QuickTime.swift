import Domain
import Foundation
import Synchronization

/// The machine's time, in which a sleep takes none: it only moves the clock on. What a node does then is told by
/// `onSleep`.
final class QuickTime: TimeSource {
    private let ahead: Mutex<TimeInterval>
    private let onSleep: @Sendable (Duration) async -> Void

    init(ahead: TimeInterval = 0, onSleep: @escaping @Sendable (Duration) async -> Void = { _ in }) {
        self.ahead = Mutex(ahead)
        self.onSleep = onSleep
    }

    var now: Date { Date().addingTimeInterval(ahead.withLock { $0 }) }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        ahead.withLock { $0 += TimeInterval(duration.milliseconds) / 1000 }
        await onSleep(duration)
    }
}
