package import Domain
import Foundation

/// Proves that a delivery comes from our Alertmanager: a bearer token (RFC 6750 §2.1) or a user name and password
/// (RFC 7617). All that may be shown are compared always, each in constant time, so that the time tells neither which
/// one fits nor how many there are to the left of it.
package struct AlertmanagerVerifier: DeliveryVerifier {
    private struct Credential: Sendable {
        var sender: String
        /// What stands before the secret: a user's name and a colon.
        var prefix = ""
        var secret: Secret

        /// What is to be shown now.
        var expected: [UInt8] { Array((prefix + secret.reveal()).utf8) }
    }

    private let tokens: [Credential]
    private let users: [Credential]

    /// Reads the secrets. Throws `MissingSecret` when one is not there or is empty.
    package init(_ settings: AlertmanagerSettings, secrets: any SecretSource) throws(MissingSecret) {
        var tokens: [Credential] = []
        for (index, reference) in settings.bearerTokens.enumerated() {
            let token = try AlertmanagerVerifier.read(reference, secrets, "alertmanager.bearer_tokens[\(index)]")
            tokens.append(Credential(sender: "bearer token \(index + 1)", secret: token))
        }
        var users: [Credential] = []
        for (name, reference) in settings.passwords.sorted(by: { $0.key < $1.key }) {
            let password = try AlertmanagerVerifier.read(reference, secrets, "alertmanager.basic.\(name)")
            users.append(Credential(sender: "user \(name)", prefix: "\(name):", secret: password))
        }
        self.tokens = tokens
        self.users = users
    }

    private static func read(_ reference: SecretReference, _ secrets: any SecretSource, _ place: String)
        throws(MissingSecret) -> Secret
    {
        let secret = try secrets.secret(reference)
        // An empty one would let everybody in.
        guard !secret.isEmpty else { throw MissingSecret("the secret of \(place) is empty") }
        return secret
    }

    package func proof(of delivery: Delivery) throws(Refusal) -> DeliveryProof {
        guard let header = delivery.headers["authorization"] else {
            throw Refusal(.badCredentials, "no Authorization header: a bearer token or a user and password are wanted")
        }
        let (scheme, shown) = AlertmanagerVerifier.split(header)
        let candidates: [Credential]
        let bytes: [UInt8]
        switch scheme {
        case "bearer": (candidates, bytes) = (tokens, Array(shown.utf8))
        case "basic":
            guard let decoded = Data(base64Encoded: shown) else {
                throw Refusal(.badCredentials, "the Authorization header's base64 is broken")
            }
            (candidates, bytes) = (users, Array(decoded))
        default:
            throw Refusal(.badCredentials, "the Authorization header is neither Bearer nor Basic")
        }
        var sender: String?
        for candidate in candidates where ConstantTime.equals(bytes, candidate.expected) {
            sender = candidate.sender
        }
        guard let sender else { throw Refusal(.badCredentials, "the token or password is not one of those configured") }
        return DeliveryProof(deliveryID: nil, sender: sender)
    }

    /// The scheme in lower case, and what follows it (RFC 9110 §11.4).
    private static func split(_ header: String) -> (String, String) {
        let text = header.trimmed
        guard let space = text.firstIndex(of: " ") else { return (text.lowercased(), "") }
        return (text[..<space].lowercased(), String(text[space...].trimmed))
    }
}
