import Domain
import ServiceLifecycle

/// What an ingress controller serves, without names to resolve: `/<namespace>/…` leads to the first Ingress of that
/// namespace, and is answered when a pod behind its service is ready, by the pod's image and name. Requests for proofs of
/// control over a name (RFC 8555 §8.3) are passed on by host and path to what is behind the Service. The same is served
/// over TLS, with the certificates that Ingresses name.
package final class IngressStandIn: Service {
    private static let proofs = "/.well-known/acme-challenge/"
    private let plain: SandboxServer
    private let secure: SandboxServer

    /// Throws when the controller's own certificate cannot be made.
    package init(_ kubernetes: KubernetesStandIn) throws {
        let certificates = try IngressCertificates(kubernetes)
        plain = SandboxServer("ingress") { await IngressStandIn.route($0, kubernetes) }
        secure = SandboxServer("ingress over TLS", tls: certificates.configuration) {
            await IngressStandIn.route($0, kubernetes)
        }
    }

    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [plain] in try await plain.run() }
            group.addTask { [secure] in try await secure.run() }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    /// `http://127.0.0.1:PORT`; waits until it listens.
    package func url() async throws -> String { try await plain.url() }

    /// The port of plain HTTP, on which proofs are asked for; waits until it listens.
    package func port() async throws -> Int { try await plain.port() }

    /// The port of TLS; waits until it listens.
    package func securePort() async throws -> Int { try await secure.port() }

    private static func route(_ request: SandboxRequest, _ kubernetes: KubernetesStandIn) async -> SandboxAnswer {
        guard request.path.hasPrefix(proofs) else { return answer(request, kubernetes) }
        let host = String(request.host.prefix { $0 != ":" })
        guard let rule = IngressRule.first(for: host, request.path, in: kubernetes) else {
            return .text(404, "default backend - 404: no Ingress leads \(request.path) of \(host)\n")
        }
        guard let backend = rule.backend(in: kubernetes) else {
            return .text(503, "503 Service Temporarily Unavailable: '\(rule.service)' leads nowhere\n")
        }
        do {
            let answer = try await PlainHTTP.get(request.path, of: host, at: backend)
            return SandboxAnswer(answer.status, headers: [("Content-Type", "text/plain")], body: answer.body)
        } catch {
            return .text(502, "502 Bad Gateway: \(error)\n")
        }
    }

    private static func answer(_ request: SandboxRequest, _ kubernetes: KubernetesStandIn) -> SandboxAnswer {
        let namespace = request.path.split(separator: "/").first.map(String.init) ?? ""
        let ingresses = kubernetes.objects(
            apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace: namespace)
        guard let backend = ingresses.first?.at(path: "spec.rules.0.http.paths.0.backend.service.name")?.stringValue
        else { return .text(404, "default backend - 404: namespace '\(namespace)' has no Ingress\n") }
        let service = kubernetes.object(apiVersion: "v1", kind: "Service", namespace: namespace, name: backend)
        guard let selector = service?.at(path: "spec.selector")?.objectValue, !selector.isEmpty else {
            return .text(503, "503 Service Temporarily Unavailable: there is no service '\(backend)'\n")
        }
        let pods = kubernetes.objects(apiVersion: "v1", kind: "Pod", namespace: namespace)
        guard let pod = pods.first(where: { isReady($0) && matches($0, selector) }) else {
            return .text(503, "503 Service Temporarily Unavailable: no pod of '\(backend)' is ready\n")
        }
        let image = pod.at(path: "spec.containers.0.image")?.stringValue ?? ""
        let name = pod.at(path: "metadata.name")?.stringValue ?? ""
        return .text(200, "\(image)\nserved by \(name) in \(namespace)\n")
    }

    private static func matches(_ pod: JSONValue, _ selector: [String: JSONValue]) -> Bool {
        let labels = pod.at(path: "metadata.labels")?.objectValue ?? [:]
        return selector.allSatisfy { labels[$0.key] == $0.value }
    }

    private static func isReady(_ pod: JSONValue) -> Bool {
        (pod.at(path: "status.conditions")?.arrayValue ?? []).contains {
            $0["type"] == "Ready" && $0["status"] == "True"
        }
    }
}
