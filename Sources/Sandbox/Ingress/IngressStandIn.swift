import Domain
import ServiceLifecycle

/// What an ingress controller serves, without names to resolve: `/<namespace>/…` leads to the first Ingress of that
/// namespace, and is answered when a pod behind its service is ready, by the pod's image and name.
package final class IngressStandIn: Service {
    private let kubernetes: KubernetesStandIn
    private let server: SandboxServer

    package init(_ kubernetes: KubernetesStandIn) {
        self.kubernetes = kubernetes
        server = SandboxServer("ingress") { IngressStandIn.answer($0, kubernetes) }
    }

    package func run() async throws { try await server.run() }

    /// `http://127.0.0.1:PORT`; waits until it listens.
    package func url() async throws -> String { try await server.url() }

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
