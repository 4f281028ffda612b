import Domain
import Foundation

/// A token of an app's installation, and until when it is used.
struct InstallationToken: Sendable {
    /// It is not used that long before its end, so that it does not end on the way.
    static let margin = Duration.seconds(120)

    var secret: Secret
    var expiresAt: Date

    func isFresh(at now: Date) -> Bool { now.advanced(by: InstallationToken.margin) < expiresAt }
}
