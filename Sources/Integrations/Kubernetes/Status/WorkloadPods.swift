import Domain

/// A workload, or a pod, as people name it, and its pods.
struct WorkloadPods: Sendable {
    /// Kinds that a bare name is looked for among, in this order.
    static let types: [ResourceType] = [.deployments, .statefulSets, .daemonSets, .jobs, .pods]

    let namespace: String
    private let kind: ResourceType?
    private let name: String

    init(_ input: inout InputReader) {
        namespace = input.text("namespace", "Namespace of the workload", pattern: NamePattern.label)
        let text = input.text(
            "workload", "Workload such as Deployment/api, or Pod/api-x; a bare name is looked for among all kinds")
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        name = parts.last ?? ""
        kind = parts.count == 2 ? WorkloadPods.types.first { $0.kind.lowercased() == parts[0].lowercased() } : nil
        let isKnown = parts.count == 1 || (parts.count == 2 && kind != nil)
        if !text.isEmpty, !isKnown || NamePattern.subdomain?.matches(name) == false {
            let kinds = WorkloadPods.types.map(\.kind).joined(separator: ", ")
            input.report(
                "'\(text)' is no workload", field: "workload",
                fix: "write it as a name, or as Kind/name, where Kind is one of \(kinds)")
        }
    }

    var title: String { (kind.map { "\($0.kind) " } ?? "") + "\(namespace)/\(name)" }

    /// The workload and its pods: those in trouble first, then by name. Throws `KubernetesError`, or `ActionError` when
    /// there is no such workload.
    func find(_ client: KubernetesClient) async throws -> (workload: ClusterObject, pods: [ClusterObject]) {
        for type in kind.map({ [$0] }) ?? WorkloadPods.types {
            guard let found = try await client.find(type, namespace: namespace, name: name) else { continue }
            var workload = found.json.objectValue ?? [:]
            workload["kind"] = .string(type.kind)
            return (ClusterObject(.object(workload)), try await pods(of: found, type, client))
        }
        throw ActionError(
            "there is no \(kind.map { "\($0.kind) " } ?? "workload or pod ")\(name) in namespace \(namespace) of "
                + "cluster \(client.cluster)", hint: "check the name and the namespace")
    }

    private func pods(of found: ClusterObject, _ type: ResourceType, _ client: KubernetesClient) async throws
        -> [ClusterObject]
    {
        if type == .pods { return [found] }
        let labels = WorkloadPods.selector(found["spec", "selector"])
        guard !labels.isEmpty else { return [] }
        let pods = try await client.list(.pods, namespace: namespace, labels: labels).objects
        return pods.sorted { left, right in
            let (isLeft, isRight) = (PodCondition(left).isHealthy, PodCondition(right).isHealthy)
            return isLeft == isRight ? left.name < right.name : !isLeft
        }
    }

    /// A workload's selector as a query says it.
    static func selector(_ value: JSONValue?) -> String {
        var parts = (value?["matchLabels"]?.texts ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
        for expression in value?["matchExpressions"]?.arrayValue ?? [] {
            let key = expression["key"]?.stringValue ?? ""
            let values = (expression["values"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ",")
            switch expression["operator"]?.stringValue {
            case "In": parts.append("\(key) in (\(values))")
            case "NotIn": parts.append("\(key) notin (\(values))")
            case "Exists": parts.append(key)
            default: parts.append("!\(key)")
            }
        }
        return parts.joined(separator: ",")
    }
}
