import Domain
import Foundation
import Synchronization

/// Keeps reports below GitHub's limits for content: one write a second at each pull request, sixty a minute in all
/// (GitHub takes eighty; docs.github.com, "About secondary rate limits"). Nobody waits here: who may not go is told when
/// to come again.
final class WritePace: Sendable {
    static let perMinute = 60

    private let time: any TimeSource
    private let writes = Mutex<[(at: Date, place: String)]>([])

    init(time: any TimeSource) { self.time = time }

    /// Nil: go, and it is counted. Else: how long to wait.
    func write(at place: String) -> Duration? {
        let now = time.now
        return writes.withLock { writes in
            // What lies in the future was written before the clock was set back.
            writes.removeAll { now.timeIntervalSince($0.at) >= 60 || $0.at > now }
            if let last = writes.last(where: { $0.place == place }), now.timeIntervalSince(last.at) < 1 {
                return .seconds(1 - now.timeIntervalSince(last.at))
            }
            if writes.count >= WritePace.perMinute, let oldest = writes.first {
                return .seconds(60 - now.timeIntervalSince(oldest.at))
            }
            writes.append((now, place))
            return nil
        }
    }
}
