import Foundation

/// Times as Go writes them (RFC 3339, up to nine digits of a second).
enum AlertTime {
    /// Nil for no time, for Go's zero time (0001-01-01T00:00:00Z, "it has not ended") and for anything else.
    static func read(_ text: String?) -> Date? {
        guard let text, text.utf8.count <= 40,
            // What is no time is treated like one that is not given; a wrong clock must not lose an alert.
            let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            date.timeIntervalSince1970 > 0
        else { return nil }
        return date
    }
}
