import Domain

/// Says whether a node takes new pods.
struct CordonAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let node: String
    private let isCordoned: Bool

    static func cordon(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.cordon", "Lets a node take no new pods; those that it has stay", effect: .changes,
            outputs: [.init("changed", .flag, "False when it took none already")]
        ) { CordonAction(&$0, clusters, isCordoned: true) }
    }

    static func uncordon(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.uncordon", "Lets a node take new pods again", effect: .changes,
            outputs: [.init("changed", .flag, "False when it took them already")]
        ) { CordonAction(&$0, clusters, isCordoned: false) }
    }

    private init(_ input: inout InputReader, _ clusters: ClusterDirectory, isCordoned: Bool) {
        target = ClusterTarget(&input, clusters)
        node = input.text("node", "Name of the node", pattern: NamePattern.subdomain)
        self.isCordoned = isCordoned
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            guard try await client.get(.nodes, name: node).isCordoned != isCordoned else {
                return ActionPlan(changes: [])
            }
            return ActionPlan(changes: ["Node \(node): \(words)"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let isChanged = try await client.setCordoned(isCordoned, node: node)
            return [
                "changed": .bool(isChanged),
                "summary": .string("node \(node) \(words)" + (isChanged ? "" : ", as before")),
            ]
        }
    }

    private var words: String { isCordoned ? "takes no new pods" : "takes new pods" }
    private var doing: String { "node \(node) cannot be \(isCordoned ? "cordoned" : "uncordoned")" }
}

extension KubernetesClient {
    /// False when it was so already. Throws `KubernetesError`.
    func setCordoned(_ isCordoned: Bool, node: String) async throws -> Bool {
        guard try await get(.nodes, name: node).isCordoned != isCordoned else { return false }
        _ = try await patch(.nodes, name: node, .merge, ["spec": ["unschedulable": isCordoned ? true : .null]])
        return true
    }
}

extension ClusterObject {
    /// Whether a node takes no new pods.
    var isCordoned: Bool { self["spec", "unschedulable"]?.boolValue == true }
}
