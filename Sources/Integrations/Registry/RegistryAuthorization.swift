import Domain
import Foundation

/// How a request to a registry proves who asks.
enum RegistryAuthorization: Sendable, Hashable {
    /// A token for one repository, good until then.
    case bearer(Secret, until: Date)
    /// The user's name and password with every request.
    case basic

    func isGood(at now: Date) -> Bool {
        switch self {
        case .bearer(_, let until): now < until
        case .basic: true
        }
    }
}
