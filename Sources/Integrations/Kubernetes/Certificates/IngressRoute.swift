import Crypto
import Domain

/// An Ingress that leads `/.well-known/acme-challenge/` of one host to the bot (RFC 8555 §8.3), where a controller in the
/// cluster has port 80 of that host. Each host has its own.
struct IngressRoute: ChallengeRoute {
    static let path = "/.well-known/acme-challenge/"

    private let target: ClusterTarget
    private let namespace: String
    private let ingressClass: String
    private let service: String
    private let port: Int

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text(
            "namespace", "Namespace of the bot's Service, where the Ingress is made", pattern: NamePattern.label)
        ingressClass = input.text(
            "class", "Class of the controller that serves the host: nginx", pattern: NamePattern.subdomain)
        service = input.text("service", "The bot's Service", pattern: NamePattern.label, default: "defimon")
        port = input.integer("port", "Port of that Service for webhooks", in: 1...65_535, default: 8080)
    }

    var title: String { "an Ingress in namespace \(namespace) of cluster \(target.cluster)" }

    /// `defimon-acme-api-example-org-0a1b2c3d4e5f`: 63 characters at most, and of no other host.
    static func name(for host: String) -> String {
        let plain = host.map { $0.isASCII && ($0.isLowercase || $0.isNumber) ? $0 : "-" }
        let digest = Hex.encode(SHA256.hash(data: Array(host.utf8)))
        return "defimon-acme-\(String(plain.prefix(37)))-\(digest.prefix(12))"
    }

    func open(for host: String, _ context: ActionContext) async throws(ActionError) {
        let name = IngressRoute.name(for: host.lowercased())
        let doing = "Ingress \(namespace)/\(name), which leads the proof for \(host) to the bot, cannot be made"
        try await ActionError.telling(doing) {
            try await target.attempt(doing, changes: true) { client in
                if let found = try await client.find(.ingresses, namespace: namespace, name: name), !found.isManaged {
                    throw foreign(name)
                }
                _ = try await client.apply(
                    .ingresses, namespace: namespace, name: name, ingress(name, host.lowercased()), force: true)
            }
        }
    }

    func close(for host: String, _ context: ActionContext) async throws(ActionError) {
        let name = IngressRoute.name(for: host.lowercased())
        let doing = "Ingress \(namespace)/\(name), which led the proof for \(host) to the bot, cannot be deleted"
        try await ActionError.telling(doing) {
            try await target.attempt(doing, changes: true) { client in
                guard let found = try await client.find(.ingresses, namespace: namespace, name: name) else { return }
                guard found.isManaged else { throw foreign(name) }
                do {
                    try await client.delete(.ingresses, namespace: namespace, name: name, uid: found.uid)
                } catch let error as KubernetesError where error.isNotFound {
                    // Gone meanwhile, as it should be.
                }
            }
        }
    }

    private func foreign(_ name: String) -> ActionError {
        ActionError(
            "Ingress \(namespace)/\(name) of cluster \(target.cluster) was not made by the bot, so it is not changed",
            hint: "delete it or rename it")
    }

    private func ingress(_ name: String, _ host: String) -> JSONValue {
        let backend: JSONValue = ["service": ["name": .string(service), "port": ["number": .int(Int64(port))]]]
        let path: JSONValue = ["path": .string(IngressRoute.path), "pathType": "Prefix", "backend": backend]
        return ClusterObject([
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "spec": [
                "ingressClassName": .string(ingressClass),
                "rules": [["host": .string(host), "http": ["paths": [path]]]],
            ],
        ]).labelled().json
    }
}
