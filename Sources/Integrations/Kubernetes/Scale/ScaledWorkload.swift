import Domain

/// A workload that has a number of replicas, as the inputs of an action name it.
struct ScaledWorkload: Sendable {
    enum Kind: String, CaseIterable {
        case deployment = "Deployment"
        case statefulSet = "StatefulSet"
    }

    /// The kinds as text.
    static let kindPattern = try? Pattern("Deployment|StatefulSet")

    let namespace: String
    let kind: Kind
    let name: String

    init(_ input: inout InputReader) {
        namespace = input.text("namespace", "Namespace of the workload", pattern: NamePattern.label)
        kind = input.choice("kind", "Kind of the workload", of: Kind.self) ?? .deployment
        name = input.text("name", "Name of the workload", pattern: NamePattern.subdomain)
    }

    init(namespace: String, kind: Kind, name: String) {
        self.namespace = namespace
        self.kind = kind
        self.name = name
    }

    var type: ResourceType { kind == .deployment ? .deployments : .statefulSets }
    var title: String { "\(kind.rawValue) \(namespace)/\(name)" }

    /// Where what people set of its size is kept.
    func override(in cluster: String) -> SizeOverride {
        SizeOverride(cluster: cluster, kind: kind.rawValue, namespace: namespace, name: name)
    }

    /// The autoscaler that decides about its replicas; nil when none does. Throws `KubernetesError`.
    func autoscaler(_ client: KubernetesClient) async throws -> ClusterObject? {
        try await client.list(.autoscalers, namespace: namespace).objects.first {
            $0.text("spec", "scaleTargetRef", "kind") == kind.rawValue
                && $0.text("spec", "scaleTargetRef", "name") == name
        }
    }
}

extension ResourceType {
    static let autoscalers = ResourceType("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
}
