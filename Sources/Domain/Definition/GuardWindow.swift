package import Foundation

/// A time that comes again, in which a job is not to run as usual: the nightly maintenance of a provider.
package struct GuardWindow: Sendable, Hashable, Codable {
    /// How long one may last.
    package static let bounds = Duration.seconds(60)...Duration.seconds(7 * 86_400)

    /// When it begins, as in crontab(5).
    package var cron: String
    /// The IANA name of the zone of `cron`.
    package var timeZone: String
    /// How long it lasts, in milliseconds.
    package var lengthMilliseconds: Int64
    package var then: Deferral

    package init(cron: String, timeZone: String, lengthMilliseconds: Int64, then: Deferral) {
        self.cron = cron
        self.timeZone = timeZone
        self.lengthMilliseconds = lengthMilliseconds
        self.then = then
    }

    /// When the window ends that is open at `now`, that moment not included; nil when none is. Of windows that overlap
    /// the one that ends last counts.
    package func end(at now: Date) -> Date? {
        // Both were read before, by the same code, when the definition was checked.
        guard let zone = TimeZone(identifier: timeZone), let cron = try? Cron(parsing: cron),
            let start = ZonedCron(cron, in: zone).latest(notAfter: now)
        else { return nil }
        let end = start.advanced(by: .milliseconds(lengthMilliseconds))
        return end > now ? end : nil
    }
}
