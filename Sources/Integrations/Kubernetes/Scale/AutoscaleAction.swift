import Domain

/// Sets the bounds of the autoscaler of a workload. One that is not there is not made: what it measures belongs into the
/// manifests.
struct AutoscaleAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let workload: ScaledWorkload
    private let least: Int
    private let most: Int
    private let keeps: Bool

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.autoscale", "Sets between how many replicas the autoscaler of a workload may choose",
            effect: .changes,
            outputs: [
                .init("autoscaler", .text(nil), "Name of the HorizontalPodAutoscaler"),
                .init(
                    "changed", .flag, "False when it had these bounds already, and what is to be kept was kept already"),
            ]
        ) { AutoscaleAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        workload = ScaledWorkload(&input)
        least = input.integer("min", "The fewest replicas", in: 1...1000)
        most = input.integer("max", "The most replicas", in: 1...1000)
        keeps = input.flag(
            "keep", "Keep the bounds as an override: kubernetes.apply sets them instead of the manifests'")
    }

    init(_ target: ClusterTarget, _ workload: ScaledWorkload, least: Int, most: Int, keeps: Bool) {
        self.target = target
        self.workload = workload
        self.least = least
        self.most = most
        self.keeps = keeps
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let found = try await autoscaler(client)
            let title = "HorizontalPodAutoscaler \(workload.namespace)/\(found.name)"
            let different = differences(found)
            var changes: [String] = []
            if !different.isEmpty {
                _ = try await patch(found, client, isDryRun: true)
                changes.append("\(title): \(different.joined(separator: ", "))")
            }
            if try await mustKeep(context) { changes.append("\(title): deploys keep \(least) to \(most) replicas") }
            let isFewer = (found.number("spec", "maxReplicas") ?? 0) > most
            return ActionPlan(changes: changes, deletions: isFewer ? 1 : 0)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let found = try await autoscaler(client)
            let changes = differences(found)
            if !changes.isEmpty { _ = try await patch(found, client, isDryRun: false) }
            let isNew = try await mustKeep(context)
            if isNew {
                try await workload.override(in: target.cluster).keep(least: least, most: most, context.kept)
            }
            let what = changes.isEmpty ? "may have" : "may have from now on"
            return [
                "autoscaler": .string(found.name), "changed": .bool(!changes.isEmpty || isNew),
                "summary": .string(
                    "\(workload.title) \(what) \(least) to \(most) replicas" + (keeps ? "; deploys keep that" : "")),
            ]
        }
    }

    private func mustKeep(_ context: ActionContext) async throws -> Bool {
        guard keeps else { return false }
        let kept = try await workload.override(in: target.cluster).bounds(context.kept)
        return kept?.least != least || kept?.most != most
    }

    private func autoscaler(_ client: KubernetesClient) async throws -> ClusterObject {
        guard least <= most else {
            throw ActionError("'min' is \(least) and 'max' is \(most)", hint: "give a 'max' of \(least) or more")
        }
        guard let found = try await workload.autoscaler(client) else {
            throw ActionError(
                "no autoscaler decides about \(workload.title)",
                hint: "add a HorizontalPodAutoscaler to its manifests, or use the action kubernetes.scale")
        }
        return found
    }

    private func patch(_ found: ClusterObject, _ client: KubernetesClient, isDryRun: Bool) async throws -> ClusterObject
    {
        try await client.patch(
            .autoscalers, namespace: workload.namespace, name: found.name, .merge,
            ["spec": ["minReplicas": .int(Int64(least)), "maxReplicas": .int(Int64(most))]], isDryRun: isDryRun)
    }

    private func differences(_ found: ClusterObject) -> [String] {
        let before = (found.number("spec", "minReplicas") ?? 1, found.number("spec", "maxReplicas") ?? 1)
        return [
            before.0 == least ? nil : "minReplicas \(before.0) → \(least)",
            before.1 == most ? nil : "maxReplicas \(before.1) → \(most)",
        ].compactMap(\.self)
    }

    private var doing: String { "the autoscaler of \(workload.title) cannot be changed" }
}
