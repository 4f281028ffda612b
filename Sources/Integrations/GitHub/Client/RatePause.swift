import Domain
import Foundation
import Synchronization

/// Keeps everybody quiet while GitHub wants it: who is told to wait tells all others that speak as the same user or
/// installation. Nobody waits here; who may not go is told when to come again.
final class RatePause: Sendable {
    /// Speakers that are remembered.
    static let most = 1000

    fileprivate struct Hold {
        var until: Date
        /// Refusals one after the other without a word of how long to wait.
        var strikes: Int
    }

    private let time: any TimeSource
    private let holds = Mutex<[String: Hold]>([:])

    init(time: any TimeSource) { self.time = time }

    /// How long this speaker has to wait; nil: it may go.
    func wait(_ speaker: String) -> Duration? {
        let now = time.now
        return holds.withLock { holds in
            guard let until = holds[speaker]?.until, until > now else { return nil }
            let wait = until.since(now)
            // Further away than was ever said: the clock was set back.
            return wait <= RateLimit.longestWait ? wait : nil
        }
    }

    /// Takes note of an answer. Returns how long to wait when it refused because of a limit.
    func note(_ limit: RateLimit, of speaker: String) -> Duration? {
        let now = time.now
        return holds.withLock { holds in
            if limit.isExceeded {
                let strikes = (holds[speaker]?.strikes ?? 0) + (limit.wait == nil ? 1 : 0)
                // Without a word: a minute, then twice as long each time, at most sixteen.
                let wait = limit.wait ?? RateLimit.usualWait * (1 << min(max(strikes - 1, 0), 4))
                holds[speaker] = Hold(
                    until: max(holds[speaker]?.until ?? now, now.advanced(by: wait)), strikes: strikes)
            } else if let wait = limit.wait {
                holds[speaker] = Hold(until: now.advanced(by: wait), strikes: 0)
            } else if let hold = holds[speaker], hold.until <= now {
                // A late answer to an earlier call does not end a pause that goes on.
                holds[speaker] = nil
            }
            if holds.count > RatePause.most { holds = holds.filter { $0.value.until > now } }
            return limit.isExceeded ? holds[speaker]?.until.since(now) : nil
        }
    }
}
