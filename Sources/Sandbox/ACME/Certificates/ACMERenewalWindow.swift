package import Foundation

/// When a certificate is best renewed (RFC 9773 §4.2).
package struct ACMERenewalWindow: Sendable, Hashable {
    package var start: Date
    package var end: Date
    /// A page about the reason.
    package var explanation: String?

    package init(start: Date, end: Date, explanation: String? = nil) {
        self.start = start
        self.end = end
        self.explanation = explanation
    }

    /// The usual one: after two thirds of its life, for a forty-fifth of it; at once when it was revoked.
    init(for issue: ACMEIssue, _ now: Date) {
        if issue.revokedFor != nil {
            self.init(start: now.addingTimeInterval(-7200), end: now.addingTimeInterval(-3600))
        } else {
            let life = issue.notAfter.timeIntervalSince(issue.notBefore)
            let start = issue.notBefore.addingTimeInterval((life * 2 / 3).rounded())
            self.init(start: start, end: start.addingTimeInterval((life / 45).rounded()))
        }
    }
}
