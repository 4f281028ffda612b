import Domain
import Foundation
import Synchronization

/// Spreads requests before Hetzner refuses them. A project has so many an hour; what is left grows steadily, and each
/// answer tells it (docs.hetzner.cloud, Rate Limiting).
final class RateLimit: Sendable {
    /// From here on requests are spread: as many as may be under way at the same time, and some for other programs.
    static let reserve = 20
    /// Who would have to wait longer gets an error instead.
    static let patience = Duration.seconds(60)

    /// What the headers of an answer say.
    struct Reading: Sendable, Hashable {
        var limit: Int
        var remaining: Int
        /// When all of them are there again.
        var reset: Date

        /// Nil when they are not all there.
        init?(_ headers: [String: String]) {
            guard let limit = headers["ratelimit-limit"].flatMap({ Int($0) }), limit > 0,
                let remaining = headers["ratelimit-remaining"].flatMap({ Int($0) }),
                let reset = headers["ratelimit-reset"].flatMap({ Int64($0) })
            else { return nil }
            self.limit = limit
            self.remaining = remaining
            self.reset = Date(timeIntervalSince1970: Double(reset))
        }

        /// After what time one more is there; at least 100 ms, at most an hour.
        func pause(_ now: Date) -> Duration {
            let rest = max(reset.timeIntervalSince(now), 0)
            let seconds = rest / Double(max(limit - remaining, 1))
            return .seconds(min(max(seconds, 0.1), 3600))
        }
    }

    private struct State {
        var remaining = Int.max
        var pause = Duration.zero
        /// When the next request may leave, once they are spread.
        var next = Date.distantPast
    }

    private let state = Mutex(State())

    /// How long the next request has to wait. Throws `HetznerFailure` when that is longer than `patience`.
    func wait(_ now: Date) throws(HetznerFailure) -> Duration {
        let wait: Duration? = state.withLock { state in
            if state.remaining > RateLimit.reserve {
                state.remaining -= 1
                return .zero
            }
            let leaves = max(state.next, now)
            let wait = leaves.since(now)
            guard wait <= RateLimit.patience else { return nil }
            state.next = leaves.advanced(by: state.pause)
            return wait
        }
        if let wait { return wait }
        var failure = HetznerFailure(
            "the project's requests to Hetzner are used up for now", code: "rate_limit_exceeded",
            hint: "other programs with the same project use them too")
        failure.isTransient = true
        failure.retryAfter = RateLimit.patience
        throw failure
    }

    /// Takes what an answer says.
    func learn(_ headers: [String: String], now: Date) {
        guard let reading = Reading(headers) else { return }
        state.withLock { state in
            state.remaining = reading.remaining
            state.pause = reading.pause(now)
            guard reading.remaining <= RateLimit.reserve else {
                state.next = .distantPast
                return
            }
            // With some in reserve the first of those that are spread may leave at once.
            if reading.remaining == 0 { state.next = max(state.next, now.advanced(by: state.pause)) }
        }
    }
}
