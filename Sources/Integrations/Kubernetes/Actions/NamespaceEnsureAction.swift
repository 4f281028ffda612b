import Domain

/// Makes a namespace when it is missing. One that is there is left as it is, whoever made it.
struct NamespaceEnsureAction: RepeatableAction, Plannable {
    /// How long a namespace that is just being deleted is waited for.
    static let patience = Duration.seconds(120)

    private let target: ClusterTarget
    private let namespace: String

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.namespace-ensure", "Makes a namespace when it is missing", effect: .changes,
            outputs: [.init("created", .flag, "Whether it was missing")]
        ) { NamespaceEnsureAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Name of the namespace", pattern: NamePattern.label)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            guard let found = try await client.find(.namespaces, name: namespace) else {
                return ActionPlan(changes: ["Namespace \(namespace): new"])
            }
            guard !found.isBeingDeleted else {
                return ActionPlan(changes: ["Namespace \(namespace): new, when the old one is gone"])
            }
            return ActionPlan(changes: [])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            if let found = try await client.find(.namespaces, name: namespace) {
                guard found.isBeingDeleted else { return result(created: false) }
                try await untilGone(found, client, context)
            }
            let object = ClusterObject([
                "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)],
            ]).labelled()
            _ = try await client.apply(.namespaces, name: namespace, object.json)
            return result(created: true)
        }
    }

    private func untilGone(_ found: ClusterObject, _ client: KubernetesClient, _ context: ActionContext) async throws {
        context.progress("waits until the namespace's deletion has ended")
        let limit = NamespaceEnsureAction.patience
        let end = NamespaceEnd(client: client, name: namespace, uid: found.uid, time: context.time)
        guard try await end.wait(within: limit, progress: context.progress) else {
            throw ActionError(
                "namespace \(namespace) is being deleted in cluster \(target.cluster), and was not gone after "
                    + DurationText.human(limit),
                retry: .later(afterMilliseconds: nil),
                hint: "see what holds it with: kubectl describe namespace \(namespace)", details: await end.remaining())
        }
    }

    private var doing: String { "namespace \(namespace) cannot be made" }

    private func result(created: Bool) -> JSONValue {
        ["created": .bool(created), "summary": .string("namespace \(namespace) " + (created ? "made" : "is there"))]
    }
}
