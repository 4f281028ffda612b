import Foundation

/// One line that a container wrote, and when.
struct LogLine: Sendable, Hashable {
    var text: String
    var at: Date

    /// The moment as logs write it: RFC 3339 with nine digits of a fraction.
    var stamp: String {
        let second = at.timeIntervalSince1970.rounded(.down)
        let nanoseconds = Int(((at.timeIntervalSince1970 - second) * 1_000_000).rounded(.down)) * 1000
        let digits = String(nanoseconds)
        return Date(timeIntervalSince1970: second).formatted(.iso8601).dropLast() + "."
            + String(repeating: "0", count: 9 - digits.count) + digits + "Z"
    }
}

extension ClusterState {
    /// Sets what the pods of a workload have written; lines that stood there before keep their time.
    mutating func setLog(_ lines: [String], of workload: String, now: Date) {
        let old = logLines[workload] ?? []
        var isSame = true
        logLines[workload] = lines.enumerated().map { index, text in
            isSame = isSame && index < old.count && old[index].text == text
            return isSame ? old[index] : LogLine(text: text, at: now)
        }
    }
}
