import Domain
import Foundation
import TestSupport
import Testing

/// Planned times over the changes of the clock. What is expected comes from a walk over every minute of UTC that looks at
/// the wall clock, and knows nothing of how the next time is found.
@Suite struct ZonedCronTests {
    /// One random cron time, in two forms: its text, and which minutes of the wall clock it means.
    private struct Random {
        var text: String
        var minutes: Set<Int>
        var hours: Set<Int>
        var days: Set<Int>?
        var months: Set<Int>?
        var weekdays: Set<Int>?

        init(_ dice: inout Dice) {
            func pick(_ range: ClosedRange<Int>, _ most: Int, _ dice: inout Dice) -> Set<Int> {
                Set((0..<dice.number(1...most)).map { _ in dice.number(range) })
            }
            func text(_ values: Set<Int>?) -> String {
                values.map { $0.sorted().map(String.init).joined(separator: ",") } ?? "*"
            }
            minutes = dice.happens(30) ? [0, 30] : pick(0...59, 4, &dice)
            // Mostly near the hours at which clocks are changed.
            hours = dice.happens(70) ? pick(0...4, 3, &dice) : pick(0...23, 3, &dice)
            if dice.happens(20) { hours = Set(0...23) }
            if dice.happens(25) { days = pick(1...31, 6, &dice) }
            if dice.happens(15) { months = pick(1...12, 8, &dice).union([1]) }
            if dice.happens(25) { weekdays = pick(0...6, 3, &dice) }
            self.text =
                "\(text(minutes)) \(hours.count == 24 ? "*" : text(hours)) \(text(days)) \(text(months)) \(text(weekdays))"
        }

        func means(_ wall: Wall) -> Bool {
            guard minutes.contains(wall.minute), hours.contains(wall.hour), months?.contains(wall.month) ?? true else {
                return false
            }
            switch (days, weekdays) {
            case (nil, nil): return true
            case (let days?, nil): return days.contains(wall.day)
            case (nil, let weekdays?): return weekdays.contains(wall.weekday)
            case (let days?, let weekdays?): return days.contains(wall.day) || weekdays.contains(wall.weekday)
            }
        }
    }

    /// What a wall clock shows.
    private struct Wall {
        var month: Int
        var day: Int
        var hour: Int
        var minute: Int
        var weekday: Int
    }

    /// The calendar's days from 2025-12-01 on, each asked for once.
    private static let days: [Wall] = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return (0..<800).map { index in
            let date = Date(timeIntervalSince1970: 1_764_547_200 + Double(index) * 86_400)
            let parts = calendar.dateComponents([.month, .day, .weekday], from: date)
            return Wall(
                month: parts.month ?? 0, day: parts.day ?? 0, hour: 0, minute: 0, weekday: (parts.weekday ?? 1) - 1)
        }
    }()

    /// Every minute from `start` on: when it is, what the wall clock shows then for the first time, and what it has left
    /// out since the minute before.
    private struct Walk {
        var minutes: [(time: Date, shown: Wall?, leftOut: [Wall])] = []

        init(from start: Date, minutes count: Int, in zone: TimeZone) {
            func wall(_ minute: Int) -> Wall {
                var wall = ZonedCronTests.days[minute / 1440]
                (wall.hour, wall.minute) = (minute % 1440 / 60, minute % 60)
                return wall
            }
            func shown(_ time: Date) -> Int {
                Int(time.timeIntervalSince1970 - 1_764_547_200 + Double(zone.secondsFromGMT(for: time))) / 60
            }
            var before = shown(start.addingTimeInterval(-60))
            var highest = before
            for index in 0..<count {
                let time = start.addingTimeInterval(Double(index) * 60)
                let now = shown(time)
                let leftOut = now > before + 1 ? (before + 1..<now).map(wall) : []
                minutes.append((time, now > highest ? wall(now) : nil, leftOut))
                highest = max(highest, now)
                before = now
            }
        }

        func runs(_ cron: Random) -> [Date] {
            minutes.filter { $0.shown.map(cron.means) ?? false || $0.leftOut.contains(where: cron.means) }.map(\.time)
        }
    }

    static let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]

    private func check(_ random: Random, _ walk: Walk, in zone: TimeZone, _ dice: inout Dice) throws {
        let cron = ZonedCron(try Cron(parsing: random.text), in: zone)
        let (first, last) = (walk.minutes[0].time, walk.minutes[walk.minutes.count - 1].time)
        var found: [Date] = []
        var time = first.addingTimeInterval(-1)
        while let next = cron.next(after: time), next <= last {
            guard next > time else {
                Issue.record("\(random.text): \(next) is not after \(time)")
                return
            }
            found.append(next)
            time = next
        }
        let wanted = walk.runs(random)
        #expect(found == wanted, "\(random.text) in \(zone.identifier)")
        for time in wanted { #expect(cron.latest(notAfter: time) == time, "\(random.text) in \(zone.identifier)") }
        // From anywhere, forwards and backwards.
        for _ in 0..<100 {
            let time = walk.minutes[dice.number(0...walk.minutes.count - 1)].time.addingTimeInterval(
                Double(dice.number(0...59)))
            if let latest = wanted.last(where: { $0 <= time }) {
                #expect(cron.latest(notAfter: time) == latest, "\(random.text) in \(zone.identifier), \(time)")
            }
            if let next = wanted.first(where: { $0 > time }) {
                #expect(cron.next(after: time) == next, "\(random.text) in \(zone.identifier), \(time)")
            }
        }
    }

    @Test(arguments: zones)
    func `Planned times are those of a walk over each minute of the days around each change of two years`(name: String)
        throws
    {
        let zone = try #require(TimeZone(identifier: name))
        var dice = Dice(seed: 7)
        // Days on which the offset is another one than on the day before; for UTC any days.
        let days = (0..<731).map { Date(timeIntervalSince1970: 1_767_225_600 + Double($0) * 86_400) }
        var changes = days.filter {
            zone.secondsFromGMT(for: $0) != zone.secondsFromGMT(for: $0.addingTimeInterval(-86_400))
        }
        if name == "UTC" { changes = [days[87], days[297]] }
        #expect(changes.count == (name == "UTC" ? 2 : 4))
        for change in changes {
            let walk = Walk(from: change.addingTimeInterval(-3 * 86_400), minutes: 5 * 1440, in: zone)
            for _ in 0..<40 { try check(Random(&dice), walk, in: zone, &dice) }
        }
    }

    @Test(arguments: zones)
    func `Planned times of two whole years are those of a walk over each minute`(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        var dice = Dice(seed: 11)
        let walk = Walk(from: Date(timeIntervalSince1970: 1_767_225_600), minutes: 731 * 1440, in: zone)
        for _ in 0..<3 { try check(Random(&dice), walk, in: zone, &dice) }
    }

    @Test(arguments: [
        // Clocks go from 02:00 to 03:00 on 2026-03-29: it does not exist, and runs once after.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T01:00", "2026-03-30T00:30"]),
        ("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T01:00", "2026-03-29T01:30"]),
        // From 03:00 back to 02:00 on 2026-10-25: it comes twice, and runs once.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        ("59 1,2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-24T23:59", "2026-10-25T00:59"]),
        ("0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T02:00", "2026-10-26T02:00"]),
        // Half an hour: from 02:00 to 02:30 on 2026-10-04, back on 2026-04-05.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", ["2026-10-03T15:30", "2026-10-04T15:15"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", ["2026-04-04T14:45", "2026-04-05T15:15"]),
        // Samoa left out the whole 30 December 2011.
        ("0 12 30 12 *", "Pacific/Apia", "2011-12-29T12:00:00Z", ["2011-12-30T10:00", "2012-12-29T22:00"]),
    ])
    func `A run that does not exist runs once after, one that comes twice runs once`(
        cron: String, zone: String, after: String, wanted: [String]
    ) throws {
        let zoned = ZonedCron(try Cron(parsing: cron), in: try #require(TimeZone(identifier: zone)))
        let date = try #require(Date(rfc3339: after))
        let first = try #require(zoned.next(after: date))
        let second = try #require(zoned.next(after: first))
        #expect([first, second].map { String($0.rfc3339.prefix(16)) } == wanted)
    }
}
