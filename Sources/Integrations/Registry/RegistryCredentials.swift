import Domain
import Foundation

/// Who pulls from a registry.
struct RegistryCredentials: Sendable, Hashable {
    var username: String
    var password: Secret

    /// The header's value of Basic authentication (RFC 7617).
    var basic: String { "Basic " + Data("\(username):\(password.reveal())".utf8).base64EncodedString() }
}
