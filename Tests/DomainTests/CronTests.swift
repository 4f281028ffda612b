import Domain
import Foundation
import TestSupport
import Testing

/// The language of cron times. Where it comes to planned times over changes of the clock: `ZonedCronTests`.
@Suite struct CronTests {
    private func next(_ cron: String, after: String, in zone: String = "UTC") throws -> String? {
        let zoned = ZonedCron(try Cron(parsing: cron), in: try #require(TimeZone(identifier: zone)))
        let date = try #require(Date(rfc3339: after))
        return zoned.next(after: date).map { String($0.rfc3339.prefix(16)) }
    }

    @Test(arguments: [
        ("* * * * *", "2026-11-26T12:00:00Z", "2026-11-26T12:01"),
        ("* * * * *", "2026-11-26T11:59:59.999Z", "2026-11-26T12:00"),
        ("30 2 * * *", "2026-11-26T02:30:00Z", "2026-11-27T02:30"),
        ("*/15 8-10,20 * * *", "2026-11-26T10:45:00Z", "2026-11-26T20:00"),
        ("5-59/20 * * * *", "2026-11-26T10:26:00Z", "2026-11-26T10:45"),
        ("0 0 1 jan,JUL *", "2026-11-26T00:00:00Z", "2027-01-01T00:00"),
        // 2026-11-26 was a Thursday.
        ("0 9 * * mon-fri", "2026-11-27T09:00:00Z", "2026-11-30T09:00"),
        ("0 9 * * sat-sun", "2026-11-26T09:00:00Z", "2026-11-28T09:00"),
        ("0 9 * * 7", "2026-11-26T09:00:00Z", "2026-11-29T09:00"),
        ("0 9 * * 0", "2026-11-26T09:00:00Z", "2026-11-29T09:00"),
        ("0 9 * * 6-7", "2026-11-28T09:00:00Z", "2026-11-29T09:00"),
        // Both kinds of day are limited: one is enough.
        ("0 9 13 * fri", "2026-11-26T09:00:00Z", "2026-11-27T09:00"),
        ("0 9 13 * fri", "2026-12-11T09:00:00Z", "2026-12-13T09:00"),
        // A field that begins with '*' does not limit in this sense: both must hold.
        ("0 9 */2 * fri", "2026-11-27T09:00:00Z", "2026-12-11T09:00"),
        ("0 9 13 * */6", "2026-11-26T09:00:00Z", "2026-12-13T09:00"),
        ("0 0 29 2 *", "2026-11-26T00:00:00Z", "2028-02-29T00:00"),
        // The next 29 February on a Saturday or a Sunday; 2100 is no leap year.
        ("0 0 29 2 */6", "2032-02-29T00:00:00Z", "2048-02-29T00:00"),
        ("0 0 29 2 */6", "2088-02-29T00:00:00Z", "2116-02-29T00:00"),
        ("0 0 31 * *", "2027-01-31T00:00:00Z", "2027-03-31T00:00"),
        ("0 0 31 2 mon", "2026-11-26T00:00:00Z", "2027-02-01T00:00"),
    ])
    func `A cron time means what crontab says it means`(cron: String, after: String, wanted: String) throws {
        #expect(try next(cron, after: after) == wanted)
    }

    @Test(arguments: [
        (
            "", "a cron time has five fields, minute, hour, day of the month, month and day of the week, and '' has 0",
            "write for example '30 2 * * mon-fri'"
        ),
        (
            "* * * *",
            "a cron time has five fields, minute, hour, day of the month, month and day of the week, and '* * * *' has 4",
            "write for example '30 2 * * mon-fri'"
        ),
        (
            "0 * * * * *",
            "a cron time has five fields, minute, hour, day of the month, month and day of the week, and '0 * * * * *' has 6",
            "there are no seconds: remove one"
        ),
        ("@daily", "'@daily' is no cron time: it has five fields", "write '0 0 * * *'"),
        ("@reboot", "'@reboot' is no cron time: it has five fields", "write for example '30 2 * * *'"),
        ("60 * * * *", "'60' is no minute", "it is from 0 to 59"),
        ("-1 * * * *", "'' is no minute (in '-1')", "it is from 0 to 59"),
        ("* 24 * * *", "'24' is no hour", "it is from 0 to 23"),
        ("* 8-24 * * *", "'24' is no hour (in '8-24')", "it is from 0 to 23"),
        ("* * 0 * *", "'0' is no day of the month", "it is from 1 to 31"),
        ("* * L * *", "'L' is no day of the month", "it is from 1 to 31"),
        ("* * ? * *", "'?' is no day of the month", "it is from 1 to 31"),
        ("* * * 13 *", "'13' is no month", "it is from 1 to 12 or jan to dec"),
        ("* * * janu *", "'janu' is no month", "did you mean 'jan'?"),
        ("* * * * 8", "'8' is no day of the week", "it is from 0 to 7 or sun to sat"),
        ("* * * * mon#2", "'mon#2' is no day of the week", "it is from 0 to 7 or sun to sat"),
        ("1,,2 * * * *", "the minute '1,,2' has a comma too many", "remove it"),
        ("* 22-2 * * *", "the hour '22-2' ends before it begins", "write '22-23,0-2'"),
        ("5/15 * * * *", "the minute '5/15' has a step after a single value", "write '5-59/15'"),
        ("*/0 * * * *", "the step of the minute '*/0' must be a whole number from 1 to 59", "for example '*/2'"),
        ("*/60 * * * *", "the step of the minute '*/60' must be a whole number from 1 to 59", "for example '*/2'"),
        ("*/x * * * *", "the step of the minute '*/x' must be a whole number from 1 to 59", "for example '*/2'"),
        (
            "0-10/11 * * * *", "the step of the minute '0-10/11' must be a whole number from 1 to 10",
            "for example '0-10/2'"
        ),
        ("*/2/3 * * * *", "the step of the minute '*/2/3' must be a whole number from 1 to 59", "for example '*/2'"),
        ("0 0 30 2 *", "no month of '2' has a day '30'", "name a day that there is"),
        ("0 0 31 feb,4,6 *", "no month of 'feb,4,6' has a day '31'", "name a day that there is"),
        ("００ 1 * * *", "'００' is no minute", "it is from 0 to 59"),
    ])
    func `What is wrong is said with what would be right`(text: String, message: String, fix: String) {
        #expect(throws: Cron.Invalid(message: message, fix: fix)) { _ = try Cron(parsing: text) }
    }

    @Test func `A text of 256 bytes is read, one more is not`() throws {
        let text = "0 0 * * " + Array(repeating: "1", count: 124).joined(separator: ",")
        #expect(try Cron(parsing: text + " ").description == text)
        #expect(throws: Cron.Invalid.self) { _ = try Cron(parsing: text + "  ") }
    }

    @Test(arguments: [("*/59 * * * *", true), ("0-1/1 * * * *", true), ("* */23 * * *", true), ("* */24 * * *", false)])
    func `The longest step leads to the end of the range`(text: String, isFine: Bool) {
        #expect(((try? Cron(parsing: text)) != nil) == isFine)
    }
}
