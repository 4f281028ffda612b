import Domain

/// `ethereum.await-in-sync`: waits for hours or days until a node is in sync, and holds nothing meanwhile.
struct AwaitInSync: AwaitingAction {
    private static let everySoOften = Duration.seconds(60)

    private let node: String
    private let standard: NodeReading.Standard
    private let nodes: EthereumNodes

    static func type(_ nodes: EthereumNodes) -> ActionType {
        ActionType(
            "ethereum.await-in-sync", "Waits for hours or days until a node is in sync, and holds nothing meanwhile",
            effect: .reads,
            outputs: [.init("summary", .text(nil), "One line for people")]
        ) { AwaitInSync(&$0, nodes) }
    }

    init(_ input: inout InputReader, _ nodes: EthereumNodes) {
        node = EthereumActions.node("node", "The node to wait for", &input, nodes)
        standard = EthereumActions.standard(&input, nodes)
        self.nodes = nodes
    }

    func look(_ context: ActionContext) async throws -> Awaited {
        guard let reading = try await nodes.reading(of: node, time: context.time) else {
            throw EthereumActions.unknown(node, nodes)
        }
        guard reading.obstacles(standard).isEmpty else {
            return .notYet(reading.line(standard), lookAgainAfter: AwaitInSync.everySoOften)
        }
        return .ready(["summary": .string(reading.line(standard))])
    }
}
