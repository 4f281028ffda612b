import Domain

/// Raises the memory limit of a container within the range that its workload names, so that deploys keep it; the pods are
/// replaced by that. It never lowers one: what the manifests say comes back by `default` and a deploy.
struct MemoryResizeAction: RepeatableAction, Plannable {
    /// On a workload: the most memory that the limit of one of its containers may be raised to.
    static let mostAnnotation = "defimon/memory-max"
    /// On a workload whose memory was raised by a share: the step's key and the size, so that a repetition raises it no
    /// further.
    private static let annotation = "defimon/memory-resize"

    private let target: ClusterTarget
    private let namespace: String
    private let name: String
    private let kind: ScaledWorkload.Kind?
    private let container: String?
    /// Nil: what the manifests say.
    private let wish: GrowthWish?
    private let most: GrowthSize?

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.memory-resize",
            "Raises the memory limit of a container so that deploys keep it, up to the workload's annotation "
                + "\(mostAnnotation); its pods are replaced",
            effect: .changes,
            outputs: [
                .init("kind", .text(nil), "Deployment or StatefulSet"),
                .init("before", .text(nil), "The limit before, such as 4Gi"),
                .init("after", .text(nil), "The limit that it has now"),
                .init("changed", .flag, "False when it was as high already, and was kept already"),
            ]
        ) { MemoryResizeAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the workload", pattern: NamePattern.label)
        name = input.text("name", "Name of the workload", pattern: NamePattern.subdomain)
        kind = ScaledWorkload.optionalKind(&input)
        container = input.optionalText(
            "container",
            "Name of the container; may be left out where there is one alone, or one of the workload's name",
            pattern: NamePattern.label)
        let size = input.text(
            "size",
            "The limit that it is to have, such as 6Gi, how much more, such as +25% or +1Gi, or default: what the manifests say",
            pattern: try? Pattern("default|" + GrowthWish.pattern))
        wish = size == "default" ? nil : GrowthWish(size)
        most = input.optionalText(
            "max",
            "The limit beyond which it is not raised; the workload's annotation \(Self.mostAnnotation) when left out",
            pattern: GrowthSize.pattern
        ).map(GrowthSize.init)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let workload = try await workload(client)
            guard let wish else {
                let lines = try await forgotten(workload, context)
                return ActionPlan(
                    changes: lines.map { "\($0): not kept any more; the next deploy sets what the manifests say" })
            }
            let change = try await change(workload, wish, client, context)
            var changes: [String] = []
            if change.isNeeded {
                _ = try await patch(change, wish, client, context, isDryRun: true)
                changes.append("\(change.title): \(change.before) → \(change.size.text), and its pods are replaced")
            }
            if change.mustKeep { changes.append("\(change.title): deploys keep \(change.size.text)") }
            return ActionPlan(changes: changes)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let workload = try await workload(client)
            guard let wish else { return try await forget(workload, context) }
            let change = try await change(workload, wish, client, context)
            if change.isNeeded { _ = try await patch(change, wish, client, context, isDryRun: false) }
            if change.mustKeep { try await keep(change, context) }
            let what =
                change.isNeeded
                ? "goes from \(change.before) to \(change.size.text)" : "is \(change.before) already"
            return [
                "kind": .string(workload.kind.rawValue), "before": .string(change.before),
                "after": .string(change.isNeeded ? change.size.text : change.before),
                "changed": .bool(change.isNeeded || change.mustKeep),
                "summary": .string("\(change.title) \(what)" + "; deploys keep it"),
            ]
        }
    }

    // MARK: What is to be changed

    private struct Change: Sendable {
        var object: ClusterObject
        var workload: ScaledWorkload
        var container: String
        var before: String
        var size: GrowthSize
        var isNeeded: Bool
        var mustKeep: Bool
        var override: MemoryOverride

        var title: String { "memory of \(container) in \(workload.title)" }
    }

    private func workload(_ client: KubernetesClient) async throws -> ScaledWorkload {
        try await ScaledWorkload.found(name, namespace: namespace, kind: kind, in: target.cluster, client)
    }

    private func override(_ workload: ScaledWorkload) -> MemoryOverride {
        MemoryOverride(
            cluster: target.cluster, workload: workload.kind.rawValue, namespace: namespace, name: name)
    }

    private func change(
        _ workload: ScaledWorkload, _ wish: GrowthWish, _ client: KubernetesClient, _ context: ActionContext
    ) async throws -> Change {
        let object = try await client.get(workload.type, namespace: namespace, name: name)
        let (container, before) = try limit(of: object, workload)
        let most = try most(object)
        let size = try wish.size(
            "memory of \(container) in \(workload.title)", now: before,
            marked: object.annotations[MemoryResizeAction.annotation], most: most, key: context.idempotencyKey)
        let now = ResourceAmount.parse(.string(before)) ?? 0
        guard size.bytes >= now else {
            throw ActionError(
                "memory of \(container) in \(workload.title) is \(before), and is not lowered to \(size.text)",
                hint: "default goes back to what the manifests say, with the next deploy")
        }
        let override = override(workload)
        let kept = try await override.limits(context.kept)[container]
        return Change(
            object: object, workload: workload, container: container, before: before, size: size,
            isNeeded: size.bytes > now, mustKeep: kept?.size != size, override: override)
    }

    private func most(_ object: ClusterObject) throws(ActionError) -> GrowthSize? {
        if let most { return most }
        let text = object.annotations[MemoryResizeAction.mostAnnotation]
        guard let text else {
            guard wish?.isRelative == true else { return nil }
            throw ActionError(
                "\(object.title) says nowhere how much memory it may have",
                hint: "give 'max', or annotate it in its manifest: \(MemoryResizeAction.mostAnnotation): 16Gi")
        }
        let size = GrowthSize(text)
        guard size.bytes > 0 else {
            throw ActionError(
                "the annotation \(MemoryResizeAction.mostAnnotation) of \(object.title) is '\(text.prefix(80))', no size",
                hint: "write it as 16Gi")
        }
        return size
    }

    private func limit(of object: ClusterObject, _ workload: ScaledWorkload) throws(ActionError) -> (String, String) {
        let all = object.containers
        let names = all.compactMap { $0["name"]?.stringValue }
        let chosen = container ?? (names.count == 1 ? names[0] : names.first { $0 == name })
        guard let chosen, let found = all.first(where: { $0["name"]?.stringValue == chosen }) else {
            throw ActionError(
                chosen.map { "\(workload.title) has no container '\($0)'" }
                    ?? "\(workload.title) has \(names.count) containers",
                hint: "name one with 'container': \(names.joined(separator: ", "))")
        }
        guard let limit = found["resources"]?["limits"]?["memory"] else {
            throw ActionError(
                "\(chosen) in \(workload.title) has no memory limit, so none can be raised",
                hint: "give it one in its manifest")
        }
        return (chosen, limit.plainText)
    }

    // MARK: Changing it

    private func patch(
        _ change: Change, _ wish: GrowthWish, _ client: KubernetesClient, _ context: ActionContext, isDryRun: Bool
    ) async throws -> ClusterObject {
        let resources: JSONValue = ["limits": ["memory": .string(change.size.text)]]
        let containers: JSONValue = [["name": .string(change.container), "resources": resources]]
        var metadata: [String: JSONValue] = ["resourceVersion": .string(change.object.resourceVersion ?? "")]
        if let mark = wish.mark(change.size, key: context.idempotencyKey) {
            metadata["annotations"] = [MemoryResizeAction.annotation: .string(mark)]
        }
        return try await client.patch(
            change.workload.type, namespace: namespace, name: name, .strategic,
            ["metadata": .object(metadata), "spec": ["template": ["spec": ["containers": containers]]]],
            isDryRun: isDryRun)
    }

    private func keep(_ change: Change, _ context: ActionContext) async throws {
        do { try await context.kept.set(change.override.key(change.container), .string(change.size.text)) } catch {
            var error = error
            error.message = "\(change.title) is raised, which the next deploy would undo: \(error.message)"
            error.mayHaveTakenEffect = true
            throw error
        }
    }

    // MARK: What the manifests say

    private func forgotten(_ workload: ScaledWorkload, _ context: ActionContext) async throws -> [String] {
        try await override(workload).limits(context.kept).sorted { $0.key < $1.key }.map { container, limit in
            "memory of \(container) in \(workload.title): \(limit.size.text), \(limit.origin)"
        }
    }

    private func forget(_ workload: ScaledWorkload, _ context: ActionContext) async throws -> JSONValue {
        let lines = try await forgotten(workload, context)
        let override = override(workload)
        for container in try await override.limits(context.kept).keys.sorted() {
            try await context.kept.remove(override.key(container))
        }
        return [
            "kind": .string(workload.kind.rawValue), "changed": .bool(!lines.isEmpty),
            "before": "", "after": "",
            "summary": .string(
                lines.isEmpty
                    ? "nothing was set for the memory of \(workload.title): deploys set what the manifests say"
                    : lines.joined(separator: "; ")
                        + ": not kept any more; the next deploy sets what the manifests say"),
        ]
    }

    private var doing: String { "the memory of \(name) cannot be changed" }
}
