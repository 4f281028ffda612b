import Domain

/// Replaces the pods of a workload, one after the other as its strategy says, by an annotation of its pod template
/// whose value is the step's idempotency key: a repetition finds it there and changes nothing.
struct RolloutRestartAction: RepeatableAction, Plannable {
    /// The annotation of the pod template.
    static let annotation = "defimon/restart"

    enum Kind: String, CaseIterable {
        case deployment = "Deployment"
        case statefulSet = "StatefulSet"
        case daemonSet = "DaemonSet"

        var type: ResourceType {
            switch self {
            case .deployment: .deployments
            case .statefulSet: .statefulSets
            case .daemonSet: .daemonSets
            }
        }
    }

    private let target: ClusterTarget
    private let namespace: String
    private let kind: Kind
    private let name: String

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.rollout-restart", "Replaces the pods of a workload one after the other", effect: .changes,
            outputs: [.init("restarted", .flag, "False when this very restart was begun before")]
        ) { RolloutRestartAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the workload", pattern: NamePattern.label)
        kind = input.choice("kind", "Kind of the workload", of: Kind.self) ?? .deployment
        name = input.text("name", "Name of the workload", pattern: NamePattern.subdomain)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let found = try await client.get(type, namespace: namespace, name: name)
            guard !isRestarted(found, context) else { return ActionPlan(changes: []) }
            try refusePaused(found)
            _ = try await patch(client, context, isDryRun: true)
            let count = found.number("spec", "replicas") ?? found.number("status", "desiredNumberScheduled") ?? 1
            let pods = count == 1 ? "its pod is replaced" : "its \(count) pods are replaced"
            return ActionPlan(changes: ["\(title): \(pods)"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let found = try await client.get(type, namespace: namespace, name: name)
            let isNew = !isRestarted(found, context)
            if isNew {
                try refusePaused(found)
                _ = try await patch(client, context, isDryRun: false)
            }
            guard kind == .statefulSet else { return result(restarted: isNew) }
            let held = HeldPods(client: client, namespace: namespace, name: name, time: context.time)
            return result(restarted: isNew, released: try await held.release())
        }
    }

    private func patch(_ client: KubernetesClient, _ context: ActionContext, isDryRun: Bool) async throws
        -> ClusterObject
    {
        let annotations: JSONValue = [RolloutRestartAction.annotation: .string(context.idempotencyKey)]
        return try await client.patch(
            type, namespace: namespace, name: name, .strategic,
            ["spec": ["template": ["metadata": ["annotations": annotations]]]], isDryRun: isDryRun)
    }

    private func isRestarted(_ workload: ClusterObject, _ context: ActionContext) -> Bool {
        workload.text("spec", "template", "metadata", "annotations", RolloutRestartAction.annotation)
            == context.idempotencyKey
    }

    private func refusePaused(_ workload: ClusterObject) throws(ActionError) {
        guard workload["spec", "paused"]?.boolValue == true else { return }
        throw ActionError(
            "\(title) is paused, so a restart would not begin",
            hint: "resume it first: kubectl rollout resume deployment/\(name) -n \(namespace)")
    }

    private var type: ResourceType { kind.type }
    private var title: String { "\(kind.rawValue) \(namespace)/\(name)" }
    private var doing: String { "\(title) cannot be restarted" }

    private func result(restarted: Bool, released: [String] = []) -> JSONValue {
        // In order, its controller would wait for these for ever.
        let broken = released.isEmpty ? "" : "; not ready, and so replaced at once: \(released.joined(separator: ", "))"
        return [
            "restarted": .bool(restarted),
            "summary": .string("\(title) " + (restarted ? "is restarting" : "was told to restart before") + broken),
        ]
    }
}
