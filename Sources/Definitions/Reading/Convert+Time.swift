import Domain
import Foundation

extension Convert {
    static func cron(_ value: LocatedValue) throws(Problem) -> Cron {
        guard let text = value.text else { throw wrong(value, "'cron'", .cron) }
        do throws(Cron.Invalid) { return try Cron(parsing: text) } catch {
            throw Problem(error.message, at: value.location, fix: error.fix)
        }
    }

    /// A zone by its name in the IANA database. Foundation would also take offsets and abbreviations, of which some mean
    /// several zones and most know no change of the clock.
    static func timeZone(_ value: LocatedValue) throws(Problem) -> TimeZone {
        guard let text = value.text else { throw wrong(value, "'time_zone'", .timeZone) }
        if text == "UTC" { return .gmt }
        let known = TimeZone.knownTimeZoneIdentifiers
        let mayBeOne = known.contains(text) || text.contains("/")
        if mayBeOne, let zone = TimeZone(identifier: text) { return zone }
        let nearest = NearestName.of(text, in: known + ["UTC"])
        throw Problem(
            "'\(text.prefix(80))' is no time zone", at: value.location,
            fix: nearest.map { "did you mean '\($0)'?" } ?? "write an IANA name such as Europe/Berlin, or UTC")
    }
}
