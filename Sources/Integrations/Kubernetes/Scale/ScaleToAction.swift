import Domain

/// Sets the size of a workload as a person asks for it: a number of replicas, the bounds of its autoscaler, or what the
/// manifests say again. What was set is kept, so that the next deploy does not undo it.
struct ScaleToAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let namespace: String
    private let name: String
    private let kind: ScaledWorkload.Kind?
    private let size: String

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.scale-to",
            "Sets the size of a workload so that deploys keep it: replicas (5), bounds of its autoscaler (2..8), or default",
            effect: .changes,
            outputs: [
                .init("kind", .text(nil), "Deployment or StatefulSet"),
                .init("changed", .flag, "False when it had this size already, and it was kept already"),
            ]
        ) { ScaleToAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the workload", pattern: NamePattern.label)
        name = input.text("name", "Name of the workload", pattern: NamePattern.subdomain)
        kind = ScaledWorkload.optionalKind(&input)
        size = input.text(
            "replicas",
            "How many it is to have (5), between how many its autoscaler may choose (2..8), or default: what the manifests say",
            pattern: WantedSize.pattern)
    }

    private enum Way {
        case scale(ScaleAction)
        case autoscale(AutoscaleAction)
        case forget([SizeOverride], lines: [String])
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        switch try await way(context).0 {
        case .scale(let action): try await action.plan(context)
        case .autoscale(let action): try await action.plan(context)
        case .forget(_, let lines):
            ActionPlan(changes: lines.map { "\($0): not kept any more; the next deploy sets what the manifests say" })
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let (way, kind) = try await way(context)
        var output: [String: JSONValue]
        switch way {
        case .scale(let action): output = try await action.perform(context).objectValue ?? [:]
        case .autoscale(let action): output = try await action.perform(context).objectValue ?? [:]
        case .forget(let overrides, let lines):
            for override in overrides { try await override.forget(context.kept) }
            let what =
                lines.isEmpty
                ? "nothing was set for \(kind.rawValue) \(namespace)/\(name)" : lines.joined(separator: "; ")
            output = [
                "changed": .bool(!lines.isEmpty),
                "summary": .string(
                    lines.isEmpty
                        ? "\(what): deploys set what the manifests say"
                        : "\(what): not kept any more; the next deploy sets what the manifests say"),
            ]
        }
        output["kind"] = .string(kind.rawValue)
        return .object(output)
    }

    private func way(_ context: ActionContext) async throws -> (Way, ScaledWorkload.Kind) {
        let size = try WantedSize(size)
        if case .manifests = size { return try await forgetting(context) }
        return try await target.attempt("\(name) cannot be scaled") { client in
            let workload = try await found(client)
            let autoscaler = try await workload.autoscaler(client)
            switch size {
            case .replicas(let count):
                if let autoscaler { throw decides(autoscaler, workload, count) }
                return (.scale(ScaleAction(target, workload, replicas: count, keeps: true)), workload.kind)
            case .bounds(let least, let most):
                guard autoscaler != nil else {
                    throw ActionError(
                        "no autoscaler decides about \(workload.title), so it has no bounds",
                        hint: "write a number, such as \(most); or add a HorizontalPodAutoscaler to its manifests")
                }
                return (
                    .autoscale(AutoscaleAction(target, workload, least: least, most: most, keeps: true)), workload.kind
                )
            case .manifests: return (.forget([], lines: []), workload.kind)
            }
        }
    }

    private func decides(_ autoscaler: ClusterObject, _ workload: ScaledWorkload, _ count: Int) -> ActionError {
        let least = autoscaler.number("spec", "minReplicas") ?? 1
        let most = autoscaler.number("spec", "maxReplicas") ?? least
        let bounds = count > most ? "\(least)..\(count)" : "\(max(count, 1))..\(most)"
        return ActionError(
            "the autoscaler \(autoscaler.name) decides how many replicas \(workload.title) has, now \(least) to \(most)",
            hint: "set its bounds instead of a number: \(bounds)")
    }

    /// What is kept of a workload that is gone can be forgotten too.
    private func forgetting(_ context: ActionContext) async throws -> (Way, ScaledWorkload.Kind) {
        var overrides: [SizeOverride] = []
        var lines: [String] = []
        var known: ScaledWorkload.Kind?
        for kind in ScaledWorkload.Kind.allCases where self.kind == nil || kind == self.kind {
            let workload = ScaledWorkload(namespace: namespace, kind: kind, name: name)
            let override = workload.override(in: target.cluster)
            let words = try await override.words(context.kept)
            guard !words.isEmpty else { continue }
            overrides.append(override)
            lines += words.map { "\(workload.title): \($0)" }
            known = known ?? kind
        }
        if let known { return (.forget(overrides, lines: lines), known) }
        let kind = try await target.attempt("\(name) cannot be looked up") { try await found($0).kind }
        return (.forget([], lines: []), kind)
    }

    private func found(_ client: KubernetesClient) async throws -> ScaledWorkload {
        try await ScaledWorkload.found(name, namespace: namespace, kind: kind, in: target.cluster, client)
    }
}
