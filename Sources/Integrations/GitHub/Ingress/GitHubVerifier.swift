package import Domain
import Foundation

/// Proves that a delivery comes from GitHub: HMAC-SHA256 over the raw body in `X-Hub-Signature-256`
/// (docs.github.com, "Validating webhook deliveries"). All active secrets are tried always, each in constant time. A
/// secret that belongs to one webhook or one owner proves nothing else; what a delivery is about is read only after its
/// bytes are proven.
package struct GitHubVerifier: DeliveryVerifier {
    private struct Key: Sendable {
        var name: String
        var value: Secret
        var owner: String?
        var hookID: String?
    }

    private let keys: [Key]

    /// Reads the secrets. Throws `MissingSecret` when one is not there or is empty, or when there is none at all.
    package init(_ settings: GitHubSettings, secrets: any SecretSource) throws(MissingSecret) {
        var keys: [Key] = []
        for (index, reference) in settings.webhookSecrets.enumerated() {
            let value = try GitHubVerifier.read(reference, secrets, "github.webhook_secrets[\(index)]")
            keys.append(Key(name: "webhook secret \(index + 1)", value: value))
        }
        for (name, hook) in settings.hooks.sorted(by: { $0.key < $1.key }) {
            for (index, reference) in hook.secrets.enumerated() {
                let value = try GitHubVerifier.read(reference, secrets, "github.hooks.\(name).secrets[\(index)]")
                keys.append(
                    Key(name: "hook \(name), secret \(index + 1)", value: value, owner: hook.owner, hookID: hook.hookID)
                )
            }
        }
        guard !keys.isEmpty else {
            throw MissingSecret("github has neither webhook_secrets nor hooks, so no delivery could be proven")
        }
        self.keys = keys
    }

    private static func read(_ reference: SecretReference, _ source: any SecretSource, _ place: String)
        throws(MissingSecret) -> Secret
    {
        let secret = try source.secret(reference)
        // With an empty key anybody could sign.
        guard !secret.isEmpty else { throw MissingSecret("the secret of \(place) is empty") }
        return secret
    }

    package func proof(of delivery: Delivery) throws(Refusal) -> DeliveryProof {
        let event = try header(GitHubHeader.event, "X-GitHub-Event", delivery)
        let id = try header(GitHubHeader.delivery, "X-GitHub-Delivery", delivery)
        let signature = try header(GitHubHeader.signature, "X-Hub-Signature-256", delivery)
        guard GitHubHeader.isEvent(event) else {
            throw Refusal(.badRequest, "X-GitHub-Event is not the name of an event")
        }
        guard GitHubHeader.isDeliveryID(id) else { throw Refusal(.badRequest, "X-GitHub-Delivery is not an id") }
        guard signature.hasPrefix("sha256="), let code = Hex.decode(signature.dropFirst(7)), code.count == 32 else {
            throw Refusal(.badSignature, "X-Hub-Signature-256 is not sha256= and 64 hexadecimal digits")
        }
        let body = [delivery.body]
        var fitting: [Key] = []
        for key in keys where HMACSHA256.isValid(code, for: body, key: key.value) { fitting.append(key) }
        guard !fitting.isEmpty else { throw Refusal(.badSignature, "X-Hub-Signature-256 does not fit") }
        return DeliveryProof(deliveryID: id, sender: try allowed(fitting, delivery).name)
    }

    private func header(_ name: String, _ shown: String, _ delivery: Delivery) throws(Refusal) -> String {
        guard let value = delivery.headers[name] else { throw Refusal(.missingHeader, "no \(shown) header") }
        return value
    }

    /// The first of the keys that may prove this delivery.
    private func allowed(_ fitting: [Key], _ delivery: Delivery) throws(Refusal) -> Key {
        if let key = fitting.first(where: { $0.owner == nil && $0.hookID == nil }) { return key }
        let given = delivery.headers[GitHubHeader.hookID]
        let ofHook = fitting.filter { $0.hookID == nil || $0.hookID == given }
        guard let first = ofHook.first else {
            throw Refusal(.badCredentials, "the secret belongs to another webhook than X-GitHub-Hook-ID names")
        }
        guard ofHook.allSatisfy({ $0.owner != nil }) else { return ofHook.first { $0.owner == nil } ?? first }
        let owners = DeliveryBody.json(delivery.body).flatMap(DeliveryOwners.init(json:))
        guard let owners, let key = ofHook.first(where: { owners.areAll($0.owner ?? "") }) else {
            throw Refusal(.badCredentials, "the secret belongs to another owner than the delivery is about")
        }
        return key
    }
}
