package import Foundation

/// A cron time in a zone. Over a change of the clock each minute that is meant has one run: one that does not exist runs
/// at the first moment after the gap, together with others of the gap; one that comes twice runs the first time.
package struct ZonedCron: Sendable, Hashable {
    package var cron: Cron
    package var zone: TimeZone

    package init(_ cron: Cron, in zone: TimeZone) {
        self.cron = cron
        self.zone = zone
    }

    /// How far is looked. The longest wait is for 29 February on some days of the week, over a year such as 2100.
    private static let farthest: Int64 = 50 * 366

    private static let day: Int64 = 86_400

    /// The first run after `date`; nil when there is none within fifty years.
    package func next(after date: Date) -> Date? {
        let now = Int64(date.timeIntervalSince1970.rounded(.down))
        // Minutes of the wall clock up to the present one have run, also where it shows them a second time.
        let wall = now + offset(now)
        let today = wall.floorDivided(by: ZonedCron.day)
        let presentMinute = (wall - today * ZonedCron.day) / 60
        var day = today
        while day <= today + ZonedCron.farthest {
            if let later = firstDayOfNextMonth(unlessMeant: day) {
                day = later
                continue
            }
            if cron.means(day: day) {
                for minute in cron.minutesOfDay where day > today || minute > presentMinute {
                    let time = instant(day * ZonedCron.day + minute * 60)
                    if time > now { return Date(timeIntervalSince1970: Double(time)) }
                }
            }
            day += 1
        }
        return nil
    }

    /// The latest run that is not after `date`; nil when there is none within fifty years.
    package func latest(notAfter date: Date) -> Date? {
        let now = Int64(date.timeIntervalSince1970.rounded(.down))
        // While the wall clock shows an hour for the second time, all of the first time has run.
        let wall = now + max(offset(now), offset(now - ZonedCron.day))
        let today = wall.floorDivided(by: ZonedCron.day)
        let presentMinute = (wall - today * ZonedCron.day) / 60
        var day = today
        while day >= today - ZonedCron.farthest {
            if cron.means(day: day) {
                for minute in cron.minutesOfDay.reversed() where day < today || minute <= presentMinute {
                    let time = instant(day * ZonedCron.day + minute * 60)
                    if time <= now { return Date(timeIntervalSince1970: Double(time)) }
                }
            }
            day -= 1
        }
        return nil
    }

    /// The first day of the month after that of `day`, when that month is not meant.
    private func firstDayOfNextMonth(unlessMeant day: Int64) -> Int64? {
        let civil = Date.civil(daysSince1970: day)
        if cron.means(month: civil.month) { return nil }
        return day - civil.day + 1 + Date.days(inMonth: civil.month, of: civil.year)
    }

    /// Seconds that the zone's wall clock is ahead of UTC at a moment.
    private func offset(_ moment: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment))))
    }

    /// The moment at which the wall clock first shows this time, in seconds as if it were UTC; the first moment after
    /// the gap when it never does.
    private func instant(_ wall: Int64) -> Int64 {
        let before = offset(wall - ZonedCron.day)
        let after = offset(wall + ZonedCron.day)
        let (early, late) = (wall - max(before, after), wall - min(before, after))
        for time in [early, late] where time + offset(time) == wall { return time }
        // The clock was put forward in between: the first moment with the new offset.
        var (low, high) = (early, late)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(middle) == before { low = middle } else { high = middle }
        }
        return high
    }
}

extension Date {
    /// `2026-11-27 02:30`, as the zone's wall clock shows it.
    package func wallClock(in zone: TimeZone) -> String {
        let moment = Int64(timeIntervalSince1970.rounded(.down))
        let wall = moment + Int64(zone.secondsFromGMT(for: self))
        let text = Date(timeIntervalSince1970: Double(wall)).rfc3339
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }
}
