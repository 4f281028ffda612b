import Domain
import Foundation
import Synchronization

/// So many requests an hour; what was used comes back little by little (docs.hetzner.cloud, "Rate Limiting").
final class HetznerRateLimit: Sendable {
    private struct State {
        var left: Double
        var at: Date?
    }

    let limit: Int
    private let state: Mutex<State>

    init(_ limit: Int) {
        self.limit = limit
        state = Mutex(State(left: Double(limit)))
    }

    /// Takes one request. `headers` tell how many are left; `isOver` is true when there was none.
    func take(_ now: Date) -> (headers: [(String, String)], isOver: Bool) {
        let (left, isOver) = state.withLock { state in
            let since = state.at.map { max(now.timeIntervalSince($0), 0) } ?? 0
            state.at = now
            state.left = min(state.left + since * Double(limit) / 3600, Double(limit))
            guard state.left >= 1 else { return (state.left, true) }
            state.left -= 1
            return (state.left, false)
        }
        return (headers(left: left, now), isOver)
    }

    /// The headers when nothing is left.
    func exhausted(_ now: Date) -> [(String, String)] { headers(left: 0, now) }

    private func headers(left: Double, _ now: Date) -> [(String, String)] {
        let wait = (Double(limit) - left) * 3600 / Double(limit)
        return [
            ("RateLimit-Limit", String(limit)), ("RateLimit-Remaining", String(Int(left))),
            ("RateLimit-Reset", String(Int((now.timeIntervalSince1970 + wait).rounded(.up)))),
        ]
    }
}
