package import Domain
import Foundation

/// Proves that a request comes from Slack: the v0 signature over timestamp and body
/// (docs.slack.dev, "Verifying requests from Slack"). All active secrets are tried always, each in constant time.
package struct SlackVerifier: DeliveryVerifier {
    /// How far the signed time may be from the time of receipt, both ways.
    static let window = 300.0
    static let timestampHeader = "x-slack-request-timestamp"
    static let signatureHeader = "x-slack-signature"

    private let secrets: [(name: String, value: Secret)]

    /// Reads the signing secrets. Throws `MissingSecret` when one is not there or is empty.
    package init(_ settings: SlackSettings, secrets source: any SecretSource) throws(MissingSecret) {
        var secrets: [(String, Secret)] = []
        for (index, reference) in settings.signingSecrets.enumerated() {
            let secret = try source.secret(reference)
            // With an empty key anybody could sign.
            guard !secret.isEmpty else { throw MissingSecret("the secret of slack.signing_secrets[\(index)] is empty") }
            secrets.append(("signing secret \(index + 1)", secret))
        }
        self.secrets = secrets
    }

    package func proof(of delivery: Delivery) throws(Refusal) -> DeliveryProof {
        guard let timestamp = delivery.headers[SlackVerifier.timestampHeader] else {
            throw Refusal(.missingHeader, "no X-Slack-Request-Timestamp header")
        }
        guard let signature = delivery.headers[SlackVerifier.signatureHeader] else {
            throw Refusal(.missingHeader, "no X-Slack-Signature header")
        }
        guard timestamp.utf8.count <= 12, timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(timestamp)
        else { throw Refusal(.badSignature, "X-Slack-Request-Timestamp is not a number of seconds") }
        guard abs(delivery.receivedAt.timeIntervalSince1970 - Double(seconds)) <= SlackVerifier.window else {
            throw Refusal(.staleTimestamp, "X-Slack-Request-Timestamp is more than 5 minutes away from our clock")
        }
        guard signature.hasPrefix("v0="), let code = Hex.decode(signature.dropFirst(3)), code.count == 32 else {
            throw Refusal(.badSignature, "X-Slack-Signature is not v0= and 64 hexadecimal digits")
        }
        let signed = [Array("v0:\(timestamp):".utf8), delivery.body]
        var sender: String?
        for secret in secrets where HMACSHA256.isValid(code, for: signed, key: secret.value) { sender = secret.name }
        guard let sender else { throw Refusal(.badSignature, "X-Slack-Signature does not fit") }
        return DeliveryProof(deliveryID: SlackVerifier.deliveryID(of: delivery), sender: sender)
    }

    /// SHA-256 over timestamp and body: a retry after a time-out repeats both.
    static func deliveryID(of delivery: Delivery) -> String {
        let timestamp = delivery.headers[timestampHeader] ?? ""
        return Hex.encode(SHA256Digest.of(Array("\(timestamp):".utf8) + delivery.body))
    }
}
