package import Foundation
import Synchronization

/// Compares this machine's clock with those of the providers, by the `Date` header of their answers (RFC 9110 §6.6.1).
/// Two providers at least are asked, so that a server whose own clock is wrong does not count.
package final class ClockCheck: Sendable {
    /// Beyond it people are warned.
    package static let warnsOver = Duration.seconds(30)
    /// Beyond it signed requests fail: the bot is not ready.
    package static let failsOver = Duration.seconds(300)
    /// How long an answer counts.
    static let keeps = Duration.seconds(3600)
    /// A provider is not looked at more often.
    static let pause = Duration.seconds(60)
    /// Providers that are remembered.
    static let most = 64

    private struct Look {
        var at: Date
        /// The provider's clock less ours, in seconds.
        var offset: Double
    }

    private let time: any TimeSource
    private let looks = Mutex<[String: Look]>([:])

    package init(time: any TimeSource) { self.time = time }

    /// The time by which requests are to be measured.
    package var now: Date { time.now }

    /// Whether an answer of this host would tell anything new. Asked before its header is read.
    package func wants(_ host: String) -> Bool {
        let now = time.now
        return looks.withLock { looks in
            guard let look = looks[host] else { return true }
            return abs(now.timeIntervalSince(look.at)) >= ClockCheck.pause.secondsValue
        }
    }

    /// A host says that it is `told`, in whole seconds, in answer to a request that was sent at `sent` by our clock.
    package func observe(_ host: String, told: Date, sent: Date) {
        let now = time.now
        // It wrote the header between the two, within the second that it names.
        let least = told.timeIntervalSince(now)
        let most = told.addingTimeInterval(1).timeIntervalSince(sent)
        let offset = least > 0 ? least : min(most, 0)
        looks.withLock { looks in
            looks[host] = Look(at: now, offset: offset)
            guard looks.count > ClockCheck.most, let oldest = looks.min(by: { $0.value.at < $1.value.at }) else {
                return
            }
            looks[oldest.key] = nil
        }
    }

    /// How much the providers' clocks are ahead of ours (negative: behind), by the median; of two the nearer. Nil when
    /// fewer than two have answered.
    package var offset: Duration? {
        let now = time.now
        let offsets = looks.withLock { looks in
            looks.values.filter { abs(now.timeIntervalSince($0.at)) <= ClockCheck.keeps.secondsValue }.map(\.offset)
        }.sorted()
        guard offsets.count >= 2 else { return nil }
        let middle = offsets.count / 2
        if offsets.count.isMultiple(of: 2) {
            return .seconds([offsets[middle - 1], offsets[middle]].min { abs($0) < abs($1) } ?? 0)
        }
        return .seconds(offsets[middle])
    }

    /// What people should know about the clock, nil when it is right or nobody can tell.
    package var complaint: String? {
        guard let offset, offset > ClockCheck.warnsOver || offset < .zero - ClockCheck.warnsOver else { return nil }
        let size = offset < .zero ? .zero - offset : offset
        return "this machine's clock is \(DurationText.human(size)) \(offset > .zero ? "behind" : "ahead of") "
            + "the providers' clocks; set it, by NTP for one"
    }

    /// Whether it is so far off that signatures fail.
    package var isUnusable: Bool {
        guard let offset else { return false }
        return offset > ClockCheck.failsOver || offset < .zero - ClockCheck.failsOver
    }
}
