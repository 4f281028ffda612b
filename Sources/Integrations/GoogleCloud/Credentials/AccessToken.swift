import Domain
import Foundation

/// A token to show, and until when it is good.
struct AccessToken: Sendable {
    /// It is renewed that long before its end. The metadata server keeps a token until five minutes before its end, so
    /// asking it earlier gives the same one.
    static let margin = Duration.seconds(240)

    var secret: Secret
    var endsAt: Date

    func isFresh(at now: Date) -> Bool { now.advanced(by: AccessToken.margin) < endsAt }
    func isGood(at now: Date) -> Bool { now < endsAt }
}
