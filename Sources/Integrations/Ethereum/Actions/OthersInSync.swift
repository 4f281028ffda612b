import Domain

/// `ethereum.others-in-sync`.
struct OthersInSync: RepeatableAction {
    private let except: String
    private let standard: NodeReading.Standard
    private let nodes: EthereumNodes

    init(_ input: inout InputReader, nodes: EthereumNodes) {
        except = EthereumActions.node("except", "The node that does not count", &input, nodes)
        standard = EthereumActions.standard(&input, nodes)
        self.nodes = nodes
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        guard nodes.names.contains(except) else { throw EthereumActions.unknown(except, nodes) }
        let others = nodes.names.filter { $0 != except }
        guard !others.isEmpty else {
            throw ActionError(
                "there is no other node than \(except)", hint: "name a second one in the settings (ethereum.nodes)")
        }
        let readings = try await nodes.readings(of: others, time: context.time)
        let good = readings.filter { $0.obstacles(standard).isEmpty }
        let lines = readings.map { $0.line(standard) }
        guard !good.isEmpty else {
            throw ActionError(
                "no other node is in sync: " + lines.joined(separator: " | "), retry: .later(afterMilliseconds: nil),
                hint: "bring another node back in sync first, or use --force if the command has it",
                details: lines.joined(separator: "\n"))
        }
        return [
            "nodes": .array(good.map { .string($0.node) }),
            "summary": .string(good.map { $0.line(standard) }.joined(separator: " | ")),
            "details": .string(lines.joined(separator: "\n")),
        ]
    }
}
