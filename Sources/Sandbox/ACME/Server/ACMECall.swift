import Domain
import Foundation

/// One request that was found to be signed as it must be.
struct ACMECall: Sendable {
    let request: SandboxRequest
    /// What stands in the path.
    let parameters: [String: String]
    let signed: ACMESignedRequest
    /// The key by which it is signed.
    let key: ACMEPublicKey
    /// Whose key it is; nil where the key itself is in the request.
    let account: ACMEAccount?

    /// The one that the path names.
    var id: String { parameters["id"] ?? "" }

    /// Whether it only asks (RFC 8555 §6.3).
    var isRead: Bool { signed.payload.isEmpty }

    var links: ACMELinks { ACMELinks(host: request.host) }

    func holder() throws -> ACMEAccount {
        guard let account else { throw ACMEProblem.malformed("the protected header must have kid here, not jwk") }
        return account
    }
}

/// Where things of this server are.
struct ACMELinks: Sendable {
    let host: String

    subscript(_ path: String) -> String { "http://\(host)/acme/\(path)" }

    var index: (String, String) { ("Link", "<\(self["directory"])>;rel=\"index\"") }
}

/// Times as ACME writes them (RFC 3339, in UTC).
extension Date {
    var acme: JSONValue { .string(formatted(Date.ISO8601FormatStyle())) }
}
