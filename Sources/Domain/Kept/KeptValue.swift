package import Foundation

/// A value that a job keeps in the ledger beyond its own end: how many replicas a person asked for, what was applied
/// last. Its key is a path whose first word says what it is for: `override/kubernetes/analytics/…`.
package struct KeptValue: Sendable, Hashable {
    /// Bytes of the longest key.
    package static let longestKey = 1024
    /// The most bytes of a value's canonical JSON: 4 MiB.
    package static let largest = 4 * 1024 * 1024
    /// How many keys there are at most.
    package static let mostKeys = 10_000
    /// Bytes of a value up to which lists and the audit log show it.
    package static let largestShown = 1024
    /// Values of one list.
    package static let longestList = 1000

    package var key: String
    /// Nil in a list, when it is larger than `largestShown`.
    package var value: JSONValue?
    /// Bytes of its canonical JSON.
    package var size: Int
    package var jobID: JobID
    /// Who asked for that job: a person's id, or the rule.
    package var requester: String
    package var setAt: Date

    package init(key: String, value: JSONValue?, size: Int, jobID: JobID, requester: String, setAt: Date) {
        self.key = key
        self.value = value
        self.size = size
        self.jobID = jobID
        self.requester = requester
        self.setAt = setAt
    }

    /// `set by olivia on 2026-11-20 with job 42`.
    package var origin: String { "set by \(requester) on \(setAt.rfc3339.prefix(10)) with job \(jobID)" }

    /// Why a text is no key; nil when it is one.
    package static func problem(ofKey key: String) -> String? {
        guard key.utf8.count <= longestKey else {
            return "a key of \(key.utf8.count) bytes is too long: it may have \(longestKey)"
        }
        let words = key.split(separator: "/", omittingEmptySubsequences: false)
        let isPath =
            words.count > 1
            && words.allSatisfy { word in
                !word.isEmpty && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            }
        return isPath ? nil : "'\(key.prefix(120))' is no key: it must be words of printable ASCII with / between them"
    }
}
