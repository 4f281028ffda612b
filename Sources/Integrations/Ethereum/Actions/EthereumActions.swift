package import Domain

/// What can be done with Ethereum nodes: looking.
package enum EthereumActions {
    /// For the catalogue.
    package static func types(nodes: EthereumNodes) -> [ActionType] {
        [
            ActionType(
                "ethereum.others-in-sync", "Passes only when another node is in sync and can take over",
                effect: .reads,
                outputs: [
                    ActionType.Output("nodes", .list(.text(nil)), "Names of the other nodes that are in sync"),
                    ActionType.Output("summary", .text(nil), "One line for people"),
                ]
            ) { OthersInSync(&$0, nodes: nodes) },
            ActionType(
                "ethereum.wait-in-sync", "Waits until a node is in sync, also while it restarts", effect: .reads,
                outputs: [
                    ActionType.Output("block", .integer(nil), "Number of the newest block"),
                    ActionType.Output("head_age", .duration, "Age of the newest block"),
                    ActionType.Output("peers", .integer(nil), "Connected peers"),
                    ActionType.Output("client", .text(nil), "The execution client's name and version"),
                    ActionType.Output("summary", .text(nil), "One line for people"),
                ]
            ) { WaitInSync(&$0, nodes: nodes) },
            DiagnoseNode.type(nodes), AllowRestart.type(nodes), NodesInSync.type(nodes), WaitFollowing.type(nodes),
            AwaitInSync.type(nodes),
        ]
    }

    /// Reads the name of a node, or that of one of its workloads or units; a name that is not in the settings is a problem
    /// (one out of a template is seen when the step runs).
    static func node(_ field: String, _ help: String, _ input: inout InputReader, _ nodes: EthereumNodes) -> String {
        let given = input.text(field, help)
        let name = nodes.name(of: given)
        if !name.isEmpty, !nodes.names.contains(name) {
            input.report("there is no Ethereum node '\(name)'", field: field, fix: fix(name, nodes))
        }
        return name
    }

    static func unknown(_ name: String, _ nodes: EthereumNodes) -> ActionError {
        ActionError("there is no Ethereum node '\(name)'", hint: fix(name, nodes))
    }

    private static func fix(_ name: String, _ nodes: EthereumNodes) -> String {
        if let nearest = NearestName.of(name, in: nodes.names) { return "did you mean '\(nearest)'?" }
        return nodes.names.isEmpty
            ? "the settings name no nodes (ethereum.nodes)" : "the nodes are " + nodes.names.joined(separator: ", ")
    }
}
