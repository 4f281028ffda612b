import Domain
import Foundation
import Synchronization

/// Slack's rule for posting: about one message a second in each channel. Off unless switched on.
final class SlackPostingLimit: Sendable {
    private struct State {
        var interval: Duration?
        var free: [String: Date] = [:]
    }

    private let state = Mutex(State())
    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    /// The least time between two messages in a channel; nil: any.
    var interval: Duration? {
        get { state.withLock { $0.interval } }
        set { state.withLock { $0 = State(interval: newValue) } }
    }

    /// Counts a message; when it comes too early, the whole seconds to wait.
    func secondsUntilFree(_ channel: String) -> Int? {
        let now = time.now
        return state.withLock { state in
            guard let interval = state.interval else { return nil }
            if let free = state.free[channel], free > now {
                return max(1, Int(free.timeIntervalSince(now).rounded(.up)))
            }
            state.free[channel] = now.advanced(by: interval)
            return nil
        }
    }
}
