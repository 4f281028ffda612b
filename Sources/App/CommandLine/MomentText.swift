import Domain
import Foundation

/// A moment as people give it to a command: a time of RFC 3339, or how long ago it was.
enum MomentText {
    static func read(_ text: String, _ option: String, now: Date = Date()) throws -> Date {
        if let time = Date(rfc3339: text) { return time }
        if let ago = DurationText.parse(text) { return now.advanced(by: .zero - ago) }
        throw Complaint(
            "\(option) must be a time like 2026-09-21T14:13:20Z or how long ago, like 2h, not '\(text)'", .usage)
    }
}
