import Domain

/// Deletes a namespace with everything in it, and waits until it is gone.
struct NamespaceDeleteAction: RepeatableAction, Plannable {
    static let refused: Set<String> = ["kube-system", "default", "kube-public", "kube-node-lease"]

    private let target: ClusterTarget
    private let namespace: String

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.namespace-delete", "Deletes a namespace with everything in it, and waits until it is gone",
            effect: .changes, outputs: [.init("deleted", .flag, "Whether it was there")]
        ) { NamespaceDeleteAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Name of the namespace", pattern: NamePattern.label)
        if NamespaceDeleteAction.refused.contains(namespace) {
            input.report(
                "namespace '\(namespace)' belongs to Kubernetes itself and is never deleted", field: "namespace")
        }
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            guard let found = try await removable(client), !found.isBeingDeleted else { return ActionPlan(changes: []) }
            let content = try await NamespaceRemoval(client: client, name: namespace).content()
            return ActionPlan(changes: ["Namespace \(namespace): deleted\(content)"], deletions: 1)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            guard let found = try await removable(client) else { return result(deleted: false) }
            if !found.isBeingDeleted { try await NamespaceRemoval(client: client, name: namespace).delete(found) }
            let end = NamespaceEnd(client: client, name: namespace, uid: found.uid, time: context.time)
            _ = try await end.wait(within: nil, progress: context.progress)
            return result(deleted: true)
        }
    }

    /// Nil when it is not there. Throws when it must not be deleted.
    private func removable(_ client: KubernetesClient) async throws -> ClusterObject? {
        guard !NamespaceDeleteAction.refused.contains(namespace) else {
            throw ActionError("namespace \(namespace) belongs to Kubernetes itself and is never deleted")
        }
        guard let found = try await client.find(.namespaces, name: namespace) else { return nil }
        guard found.isManaged else {
            throw ActionError(
                "namespace \(namespace) in cluster \(target.cluster) was not made by the bot, so it does not delete it",
                hint: "delete it with kubectl, or hand it over: kubectl label namespace \(namespace) "
                    + "\(ManagedLabel.name)=\(ManagedLabel.value)")
        }
        return found
    }

    private var doing: String { "namespace \(namespace) cannot be deleted" }

    private func result(deleted: Bool) -> JSONValue {
        [
            "deleted": .bool(deleted),
            "summary": .string("namespace \(namespace) " + (deleted ? "is gone" : "was not there")),
        ]
    }
}
