import Domain

/// Deletes a preview with everything in it, and waits until it is gone.
struct PreviewRemoveAction: RepeatableAction, Plannable {
    /// After that, what holds the namespace is said; the engine's own limits say only that time is over.
    static let patience = Duration.seconds(600)

    private let target: ClusterTarget
    private let reference: PreviewReference
    private let onlyExpired: Bool
    private let within: Duration

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.preview-remove", "Deletes a preview with everything in it, and waits until it is gone",
            effect: .changes, outputs: [.init("deleted", .flag, "Whether it was there, and went")]
        ) { PreviewRemoveAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        reference = PreviewReference(&input)
        onlyExpired = input.flag(
            "only_expired", "Leave it when its time is not over by now: somebody may have kept it in the meantime")
        within = input.duration("within", "How long its end is waited for", default: PreviewRemoveAction.patience)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            guard let found = try await reference.find(client),
                !found.preview.isBeingDeleted,
                kept(found.preview, context) == nil
            else { return ActionPlan(changes: []) }
            let name = found.preview.namespace
            let content = try await NamespaceRemoval(client: client, name: name).content()
            return ActionPlan(changes: ["Namespace \(name): deleted\(content)"], deletions: 1)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            guard let found = try await reference.find(client) else {
                return result(deleted: false, "preview \(reference.description) was not there")
            }
            let namespace = found.preview.namespace
            if let kept = kept(found.preview, context) { return result(deleted: false, kept) }
            let removal = NamespaceRemoval(client: client, name: namespace)
            if !found.preview.isBeingDeleted { try await removal.delete(found.object) }
            let end = NamespaceEnd(client: client, name: namespace, uid: found.object.uid, time: context.time)
            guard try await end.wait(within: within, progress: context.progress) else {
                throw await held(end, namespace)
            }
            return result(deleted: true, "preview \(namespace) of \(found.preview.title) is gone")
        }
    }

    /// Why it stays, nil when it goes.
    private func kept(_ preview: Preview, _ context: ActionContext) -> String? {
        let now = context.time.now
        guard onlyExpired, !preview.isBeingDeleted, !preview.isExpired(at: now) else { return nil }
        let when = preview.expires.map { Preview.words(expires: $0, now: now) } ?? "has no time that could be over"
        return "preview \(preview.namespace) stays: it \(when)"
    }

    private func held(_ end: NamespaceEnd, _ namespace: String) async -> ActionError {
        let remaining = await end.remaining()
        return ActionError(
            "preview \(namespace) in cluster \(target.cluster) is not gone after \(DurationText.human(within))"
                + (remaining.map { ": \($0)" } ?? ""),
            mayHaveTakenEffect: true,
            hint: "its deletion goes on by itself when whoever set the finalizer does its work; to see what is left: "
                + "kubectl describe namespace \(namespace), then kubectl get <that kind> -n \(namespace) -o yaml",
            details: remaining)
    }

    private var doing: String { "the preview \(reference.description) cannot be removed" }

    private func result(deleted: Bool, _ summary: String) -> JSONValue {
        ["deleted": .bool(deleted), "tell": .bool(deleted), "summary": .string(summary)]
    }
}
