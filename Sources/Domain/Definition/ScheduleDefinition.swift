package import Foundation

/// When the bot asks for a command by itself.
package struct ScheduleDefinition: Sendable, Hashable {
    /// The name of who asks for scheduled jobs; no rule may have it.
    package static let requester = "schedule"
    /// The shortest and the longest interval.
    package static let bounds = Duration.seconds(60)...Duration.seconds(7 * 86_400)

    /// The planned times are the multiples of it since 1970-01-01T00:00:00Z. Of those that were missed only the latest
    /// is made up for.
    package var every: Duration
    /// The command's arguments.
    package var with: [LocatedValue.Member]

    package init(every: Duration, with: [LocatedValue.Member]) {
        self.every = every
        self.with = with
    }

    /// The latest planned time that is not after `now`.
    package func planned(at now: Date) -> Date {
        let step = max(every.milliseconds, 1) * 1000
        let time = now.microseconds
        let below = time >= 0 ? time / step : -((-time + step - 1) / step)
        return Date(microseconds: below * step)
    }

    /// The first planned time after `now`.
    package func next(after now: Date) -> Date { planned(at: now).advanced(by: every) }
}
