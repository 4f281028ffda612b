import Domain

/// A Secret of a cluster that holds a certificate and its key, as Ingresses read it
/// (kubernetes.io/docs/concepts/configuration/secret, "TLS Secrets"). Both are written at once.
struct TLSSecret: CertificateDestination {
    static let type = "kubernetes.io/tls"
    static let chainKey = "tls.crt"
    static let privateKey = "tls.key"

    private let target: ClusterTarget
    private let namespace: String
    private let secret: String
    private let adopt: Bool

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the Secret", pattern: NamePattern.label)
        secret = input.text("secret", "Name of the Secret", pattern: NamePattern.subdomain)
        adopt = input.flag("adopt", "Take over a Secret that is there and was not made by the bot")
    }

    var title: String { "Secret \(namespace)/\(secret) of cluster \(target.cluster)" }

    func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String? {
        let doing = "\(title) cannot be read"
        return try await ActionError.telling(doing) {
            try await target.attempt(doing) { client in
                guard let found = try await look(client) else { return nil }
                return SecretValue.decode(found["data", TLSSecret.chainKey])?.reveal()
            }
        }
    }

    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        let doing = "the certificate cannot be put into \(title)"
        try await ActionError.telling(doing) {
            try await target.attempt(doing, changes: true) { client in
                // Another writer may come between the look and the change; the server then refuses, and we look again.
                for _ in 0..<5 where try await write(bundle, client) { return }
                throw ActionError(
                    "\(title) is changed by somebody else all the time", retry: .later(afterMilliseconds: nil))
            }
        }
    }

    /// False when somebody else was faster.
    private func write(_ bundle: CertificateBundle, _ client: KubernetesClient) async throws -> Bool {
        let found = try await look(client)
        let data: JSONValue = [
            TLSSecret.chainKey: SecretValue.encode(bundle.chain),
            TLSSecret.privateKey: SecretValue.encode(bundle.key.reveal()),
        ]
        let isThere = data.texts.allSatisfy { found?.text("data", $0.key) == $0.value }
        if let found, isThere, found.isManaged { return true }
        var metadata: [String: JSONValue] = ["name": .string(secret), "namespace": .string(namespace)]
        // Nobody's change since the look is written over.
        if let version = found?.resourceVersion { metadata["resourceVersion"] = .string(version) }
        let object = ClusterObject([
            "apiVersion": "v1", "kind": "Secret", "type": .string(TLSSecret.type), "metadata": .object(metadata),
            "data": data,
        ]).labelled().json
        let isWritten: Bool? = try await SecretWrite.guarded {
            if found == nil {
                _ = try await client.create(.secrets, namespace: namespace, object)
            } else {
                _ = try await client.apply(.secrets, namespace: namespace, name: secret, object, force: true)
            }
            return true
        }
        return isWritten ?? false
    }

    /// The Secret, when the bot may write it; nil when there is none.
    private func look(_ client: KubernetesClient) async throws -> ClusterObject? {
        guard let found = try await client.find(.secrets, namespace: namespace, name: secret) else { return nil }
        guard found.isManaged || adopt else {
            throw ActionError(
                "\(title) was not made by the bot, so it is not changed",
                hint: "say 'adopt: true' at this destination when the bot may take it over")
        }
        let type = found.text("type") ?? "Opaque"
        guard type == TLSSecret.type else {
            throw ActionError(
                "\(title) is of type \(type), which cannot be changed; a certificate needs \(TLSSecret.type)",
                hint: "delete it, or name another Secret")
        }
        guard found["immutable"]?.boolValue != true else {
            throw ActionError("\(title) is immutable", hint: "delete it, or name another Secret")
        }
        return found
    }
}
