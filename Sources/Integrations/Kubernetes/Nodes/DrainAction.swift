import Domain

/// Empties a node: it takes no new pods, and those that it has move away as their disruption budgets allow.
struct DrainAction: RepeatableAction, Plannable {
    /// Lines of an error's details.
    static let mostLines = 50

    private let target: ClusterTarget
    private let node: String
    private let deletesBarePods: Bool
    private let deletesLocalData: Bool

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.drain",
            "Lets a node take no new pods, and moves its pods away as their disruption budgets allow",
            effect: .changes,
            outputs: [
                .init("moved", .integer(nil), "How many pods it had that are gone now"),
                .init("stayed", .integer(nil), "How many stay: those of DaemonSets, and the node's own"),
            ]
        ) { DrainAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        node = input.text("node", "Name of the node", pattern: NamePattern.subdomain)
        deletesBarePods = input.flag("delete_bare_pods", "Delete pods that no controller makes again")
        deletesLocalData = input.flag("delete_local_data", "Also move pods whose emptyDir volumes are lost by it")
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let found = try await client.get(.nodes, name: node)
            let pods = try await DrainRun.pods(of: node, client)
            try refuse(pods)
            let cordon = found.isCordoned ? [] : ["Node \(node): takes no new pods"]
            return ActionPlan(changes: cordon + pods.lines, deletions: pods.losses.count)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            try refuse(try await DrainRun.pods(of: node, client))  // before anything is changed
            _ = try await client.setCordoned(true, node: node)
            var run = DrainRun(client: client, node: node, context: context)
            do {
                try await run.finish { try refuse($0) }
            } catch let error as KubernetesError {
                throw left(error.actionError(doing, cluster: target.cluster, changes: true), run)
            } catch let error as ActionError {
                throw left(error, run)
            }
            let moved = run.moved == 0 ? "has no pods to move" : "is empty, \(DrainRun.count(run.moved)) moved"
            let stayed = run.stayed == 0 ? "" : "; \(DrainRun.count(run.stayed)) of DaemonSets or its own stay"
            return [
                "moved": .int(Int64(run.moved)), "stayed": .int(Int64(run.stayed)),
                "summary": .string("node \(node) \(moved)\(stayed); it takes no new pods"),
            ]
        }
    }

    /// Throws when a pod would be lost and nobody allowed it.
    private func refuse(_ pods: NodePods) throws(ActionError) {
        let refused = pods.losses.filter { $0.isBare ? !deletesBarePods : !deletesLocalData }
        guard let first = refused.first else { return }
        let more = refused.count > 1 ? ", and \(refused.count - 1) more like it" : ""
        var allow: [String] = []
        if refused.contains(where: \.isBare) { allow.append("'delete_bare_pods: true'") }
        if refused.contains(where: { !$0.isBare }) { allow.append("'delete_local_data: true'") }
        throw ActionError(
            "\(doing): \(first.text)\(more)",
            hint: "move or delete it yourself, or, where it may be lost, give \(allow.joined(separator: " and "))",
            details: refused.prefix(DrainAction.mostLines).map(\.text).joined(separator: "\n"))
    }

    /// The error, with the state that the node is left in.
    private func left(_ error: ActionError, _ run: DrainRun) -> ActionError {
        var error = error
        error.message += "; node \(node) is left cordoned, \(run.moved) of \(DrainRun.count(run.total)) moved"
        error.mayHaveTakenEffect = true
        error.hint =
            [error.hint, "run it again to go on, or kubernetes.uncordon to let the node take pods again"]
            .compactMap { $0 }.joined(separator: "; ")
        return error
    }

    private var doing: String { "node \(node) cannot be drained" }
}
