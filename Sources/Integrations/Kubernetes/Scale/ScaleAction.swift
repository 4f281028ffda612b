import Domain

/// Sets how many replicas a workload has, by its `scale` subresource. Under an autoscaler it refuses: that one would set
/// the number again.
struct ScaleAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let workload: ScaledWorkload
    private let replicas: Int
    private let keeps: Bool

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.scale", "Sets how many replicas a workload has; refuses where an autoscaler decides",
            effect: .changes,
            outputs: [
                .init("before", .integer(nil), "The replicas that were asked for before"),
                .init("changed", .flag, "False when it had that many already, and what is to be kept was kept already"),
            ]
        ) { ScaleAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        workload = ScaledWorkload(&input)
        replicas = input.integer("replicas", "How many it is to have", in: 0...1000)
        keeps = input.flag("keep", "Keep the number as an override: kubernetes.apply sets it instead of the manifests'")
    }

    init(_ target: ClusterTarget, _ workload: ScaledWorkload, replicas: Int, keeps: Bool) {
        self.target = target
        self.workload = workload
        self.replicas = replicas
        self.keeps = keeps
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            try await refuseAutoscaled(client)
            let before = try await scale(client).number("spec", "replicas") ?? 0
            var changes = before == replicas ? [] : ["\(workload.title): replicas \(before) → \(replicas)"]
            if try await mustKeep(context) { changes.append("\(workload.title): deploys keep \(replicas) replicas") }
            return ActionPlan(changes: changes, deletions: replicas < before ? 1 : 0)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            try await refuseAutoscaled(client)
            let before = try await scale(client).number("spec", "replicas") ?? 0
            if before != replicas {
                _ = try await client.patch(
                    workload.type, namespace: workload.namespace, name: workload.name, subresource: "scale", .merge,
                    ["spec": ["replicas": .int(Int64(replicas))]])
            }
            let isNew = try await mustKeep(context)
            if isNew { try await override.keep(replicas: replicas, context.kept) }
            let what =
                before == replicas ? "has \(replicas) replicas already" : "goes from \(before) to \(replicas) replicas"
            return [
                "before": .int(Int64(before)), "changed": .bool(before != replicas || isNew),
                "summary": .string("\(workload.title) \(what)" + (keeps ? "; deploys keep them" : "")),
            ]
        }
    }

    private var override: SizeOverride { workload.override(in: target.cluster) }

    private func mustKeep(_ context: ActionContext) async throws -> Bool {
        guard keeps else { return false }
        return try await override.replicas(context.kept)?.count != replicas
    }

    private func scale(_ client: KubernetesClient) async throws -> ClusterObject {
        try await client.get(
            workload.type, namespace: workload.namespace, name: workload.name, subresource: "scale")
    }

    private func refuseAutoscaled(_ client: KubernetesClient) async throws {
        guard let autoscaler = try await workload.autoscaler(client) else { return }
        let least = autoscaler.number("spec", "minReplicas") ?? 1
        let most = autoscaler.number("spec", "maxReplicas").map(String.init) ?? "?"
        throw ActionError(
            "the autoscaler \(autoscaler.name) decides how many replicas \(workload.title) has, now \(least) to \(most)",
            hint: "change its bounds with the action kubernetes.autoscale, or remove the autoscaler")
    }

    private var doing: String { "\(workload.title) cannot be scaled" }
}
