package import Foundation

/// Dates of HTTP headers.
package enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads the form that servers must send, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7); nil for anything else.
    package static func parse(_ text: String) -> Date? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]),
            let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3])
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (1...31).contains(day), (1970...9999).contains(year), (0...23).contains(clock[0]),
            (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        var parsed = tm()
        parsed.tm_year = Int32(year - 1900)
        parsed.tm_mon = Int32(month)
        parsed.tm_mday = Int32(day)
        parsed.tm_hour = Int32(clock[0])
        parsed.tm_min = Int32(clock[1])
        parsed.tm_sec = Int32(clock[2])
        return Date(timeIntervalSince1970: Double(timegm(&parsed)))
    }
}
