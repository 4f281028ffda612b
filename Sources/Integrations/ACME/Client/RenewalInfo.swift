import Domain
package import Foundation

/// When a CA wants a certificate to be renewed (RFC 9773 §4.2).
package struct RenewalInfo: Sendable, Hashable {
    /// How soon and how late it is looked at again, whatever the CA says.
    static let pauses: ClosedRange<Duration> = .seconds(60) ... .seconds(86_400)
    /// Where it says nothing (RFC 9773 §4.3).
    static let usualPause = Duration.seconds(6 * 3600)

    /// The window in which it should be renewed. One that is over means: now.
    package var start: Date
    package var end: Date
    /// A page for people that says why.
    package var explanation: String?
    /// When to ask again.
    package var lookAgainAfter: Duration

    package init(start: Date, end: Date, explanation: String?, lookAgainAfter: Duration) {
        self.start = start
        self.end = end
        self.explanation = explanation
        self.lookAgainAfter = lookAgainAfter
    }
}

extension RenewalInfo {
    /// Nil: its window is none, since its end is not after its start.
    init?(_ answer: ACMEAnswer) throws(ACMEError) {
        let value = try answer.object("when to renew")
        let window = value["suggestedWindow"]
        guard let start = window?["start"]?.stringValue.flatMap({ Date(rfc3339: $0) }),
            let end = window?["end"]?.stringValue.flatMap({ Date(rfc3339: $0) })
        else { throw ACMEError.strange("the CA's window for renewing has no start or no end that is a date") }
        guard end > start else { return nil }
        let pause = answer.retryAfter ?? RenewalInfo.usualPause
        self.init(
            start: start, end: end,
            explanation: value["explanationURL"]?.stringValue.map { OneLine.of($0, atMost: 300) },
            lookAgainAfter: min(max(pause, RenewalInfo.pauses.lowerBound), RenewalInfo.pauses.upperBound))
    }
}
