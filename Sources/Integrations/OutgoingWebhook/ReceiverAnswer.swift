import Domain
import Foundation
import Outbound

/// What a receiver's status means.
enum ReceiverAnswer {
    /// Characters of a receiver's own words that are shown.
    private static let longestWords = 200
    /// How long to wait when a receiver says "too fast" without saying how long.
    private static let usualWait = Duration.seconds(60)

    /// Throws when the report was not taken. `name` is the receiver's in the settings.
    static func check(_ response: HTTPResponse, name: String, redactor: Redactor, now: Date) throws(OutletError) {
        let setting = "outgoing_webhooks.\(name)"
        let words = BoundedText.line(redactor.redact(response.text), atMost: longestWords)
        let says = "\(setting): the receiver answers \(response.status)" + (words.isEmpty ? "" : ": \(words)")
        switch response.status {
        case 200...299: return
        case 300...399:
            throw OutletError(
                .never,
                "\(setting): the receiver redirects (\(response.status)), which is not followed: correct \(setting).url"
            )
        case 401, 403: throw OutletError(.never, "\(says) (look at \(setting).secret or routing_key)")
        case 429: throw OutletError(.later(after: response.retryAfter(now: now) ?? usualWait), says)
        case 408, 425, 500...599: throw OutletError(.later(after: response.retryAfter(now: now)), says)
        default: throw OutletError(.never, says)
        }
    }
}
