import Domain

/// A workload that has a number of replicas, as the inputs of an action name it.
struct ScaledWorkload: Sendable {
    enum Kind: String, CaseIterable {
        case deployment = "Deployment"
        case statefulSet = "StatefulSet"
    }

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

    /// The input `kind` where it may be left out.
    static func optionalKind(_ input: inout InputReader) -> Kind? {
        input.optionalText(
            "kind", "Deployment or StatefulSet, where there are both of that name",
            pattern: try? Pattern("Deployment|StatefulSet")
        ).flatMap(Kind.init(rawValue:))
    }

    /// The workload of a name. Throws `ActionError` when there is none, or two; or `KubernetesError`.
    static func found(
        _ name: String, namespace: String, kind wanted: Kind?, in cluster: String, _ client: KubernetesClient
    ) async throws -> ScaledWorkload {
        var names: [String] = []
        var found: [Kind] = []
        for kind in Kind.allCases where wanted == nil || kind == wanted {
            let type: ResourceType = kind == .deployment ? .deployments : .statefulSets
            let all = try await client.list(type, namespace: namespace).objects.map(\.name)
            if all.contains(name) { found.append(kind) }
            names += all
        }
        guard let first = found.first else {
            let kinds = wanted?.rawValue ?? "Deployment or StatefulSet"
            let nearest = NearestName.of(name, in: names).map { "did you mean '\($0)'?" }
            let some = names.isEmpty ? nil : "there are " + names.sorted().prefix(10).joined(separator: ", ")
            throw ActionError(
                "there is no \(kinds) '\(name)' in namespace \(namespace) of cluster \(cluster)",
                hint: nearest ?? some ?? "there are no workloads; deploy first")
        }
        guard found.count == 1 else {
            throw ActionError(
                "there is a Deployment and a StatefulSet '\(name)' in namespace \(namespace)",
                hint: "say which with kind=Deployment or kind=StatefulSet")
        }
        return ScaledWorkload(namespace: namespace, kind: first, name: name)
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
