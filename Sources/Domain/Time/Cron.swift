import Foundation

/// Minutes of the wall clock in the five fields of crontab(5): minute, hour, day of the month, month, day of the week. As
/// in POSIX, where both kinds of day are limited one of them is enough; as in Vixie's cron, a field that begins with `*`
/// counts as not limited, names of months and days are taken, and a step follows `*` or a range.
package struct Cron: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with a text, and what would be right.
    package struct Invalid: Error, Sendable, Hashable {
        package var message: String
        package var fix: String

        package init(message: String, fix: String) {
            self.message = message
            self.fix = fix
        }
    }

    /// As it was written, with single spaces.
    package let description: String
    private let months: UInt64
    private let days: UInt64
    private let weekdays: UInt64
    /// Whether a day is meant when either its number or its weekday is.
    private let isEitherEnough: Bool
    /// The minutes of a day that is meant, from 0, in their order.
    let minutesOfDay: [Int64]

    /// Reads the five fields. Throws `Invalid`, also when there is no such day in any year.
    package init(parsing text: String) throws(Invalid) {
        let fields = try CronField.fields(of: text)
        description = fields.joined(separator: " ")
        let minutes = try CronField.minute.values(fields[0])
        let hours = try CronField.hour.values(fields[1])
        days = try CronField.day.values(fields[2])
        months = try CronField.month.values(fields[3])
        let weekdays = try CronField.weekday.values(fields[4])
        // 7 is Sunday as well as 0.
        self.weekdays = weekdays & (1 << 7) != 0 ? weekdays | 1 : weekdays
        isEitherEnough = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        minutesOfDay = (0..<24).filter { hours & (1 << $0) != 0 }.flatMap { hour in
            (0..<60).filter { minutes & (1 << $0) != 0 }.map { Int64(hour * 60 + $0) }
        }
        let (days, months) = (days, months)
        let isThere = (1...12).contains { month in
            // 2000 was a leap year.
            months & (1 << month) != 0
                && (1...Date.days(inMonth: Int64(month), of: 2000)).contains { days & (1 << $0) != 0 }
        }
        guard isEitherEnough || isThere else {
            throw Invalid(
                message: "no month of '\(fields[3])' has a day '\(fields[2])'", fix: "name a day that there is")
        }
    }

    /// Whether the day so many days after 1970-01-01 is meant.
    func means(day: Int64) -> Bool {
        let civil = Date.civil(daysSince1970: day)
        guard means(month: civil.month) else { return false }
        let isDay = days & (1 << civil.day) != 0
        // 1970-01-01 was a Thursday.
        let isWeekday = weekdays & (1 << (((day + 4) % 7 + 7) % 7)) != 0
        return isEitherEnough ? isDay || isWeekday : isDay && isWeekday
    }

    func means(month: Int64) -> Bool { months & (1 << month) != 0 }
}
