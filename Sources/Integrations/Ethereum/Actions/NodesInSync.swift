import Domain

/// `ethereum.nodes-in-sync`.
struct NodesInSync: RepeatableAction {
    private let atLeast: Int
    private let standard: NodeReading.Standard
    private let nodes: EthereumNodes

    static func type(_ nodes: EthereumNodes) -> ActionType {
        ActionType(
            "ethereum.nodes-in-sync", "Passes only when so many nodes are in sync, and says how each is",
            effect: .reads,
            outputs: [
                .init("nodes", .list(.text(nil)), "Names of the nodes that are in sync"),
                .init("summary", .text(nil), "One line for people"),
                .init("details", .text(nil), "How each node is"),
            ]
        ) { NodesInSync(&$0, nodes) }
    }

    init(_ input: inout InputReader, _ nodes: EthereumNodes) {
        atLeast = input.integer("at_least", "How many nodes must be in sync", in: 1...100, default: 1)
        standard = EthereumActions.standard(&input, nodes)
        self.nodes = nodes
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let readings = try await nodes.readings(of: nodes.names, time: context.time)
        guard !readings.isEmpty else {
            throw ActionError("the settings name no nodes", hint: "name them under ethereum.nodes")
        }
        let good = readings.filter { $0.obstacles(standard).isEmpty }.map(\.node)
        let lines = readings.map { $0.line(standard) }
        let share = "\(good.count) of \(readings.count) nodes in sync"
        guard good.count >= atLeast else {
            throw ActionError(
                "\(share), wanted are \(atLeast): " + lines.joined(separator: " | "),
                retry: .later(afterMilliseconds: nil), hint: "diagnose-geth looks for the cause",
                details: lines.joined(separator: "\n"))
        }
        return [
            "nodes": .array(good.map(JSONValue.string)),
            "summary": .string("\(share): \(good.joined(separator: ", "))"),
            "details": .string(lines.joined(separator: "\n")),
        ]
    }
}
