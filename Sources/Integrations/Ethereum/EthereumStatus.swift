package import Domain

/// How the Ethereum nodes are, for `/defimon status`.
package struct EthereumStatus: Sendable {
    private let nodes: EthereumNodes
    private let time: any TimeSource
    private let standard = NodeReading.Standard(maxHeadAge: .seconds(60), minPeers: 1)

    package init(nodes: EthereumNodes, time: any TimeSource) {
        self.nodes = nodes
        self.time = time
    }

    /// One field a node; empty when there are no nodes. Throws only `CancellationError`.
    package func blocks() async throws -> [Report.Block] {
        guard !nodes.names.isEmpty else { return [] }
        let readings = try await nodes.readings(of: nodes.names, time: time)
        return [
            .fields(
                readings.map { reading in
                    let obstacles = reading.obstacles(standard)
                    let state = obstacles.isEmpty ? "in sync" : obstacles.joined(separator: "; ")
                    let block = reading.block.map { "block \($0)" }
                    let facts = obstacles.isEmpty ? reading.facts : ""
                    let words = [state, block ?? "", facts, reading.client ?? "", reading.beaconVersion ?? ""].filter {
                        !$0.isEmpty
                    }
                    return Report.Field("Ethereum \(reading.node)", words.joined(separator: ", "))
                })
        ]
    }
}
