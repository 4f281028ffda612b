package import Domain

/// How the Ethereum nodes are, for `/defimon status`.
package struct EthereumStatus: Sendable {
    private let nodes: EthereumNodes
    private let time: any TimeSource

    package init(nodes: EthereumNodes, time: any TimeSource) {
        self.nodes = nodes
        self.time = time
    }

    /// One line that says how many are in sync, and a field a node, the state first; empty when there are no nodes. Throws
    /// only `CancellationError`.
    package func blocks() async throws -> [Report.Block] {
        guard !nodes.names.isEmpty else { return [] }
        let readings = try await nodes.readings(of: nodes.names, time: time)
        let good = readings.filter { $0.obstacles(nodes.standard).isEmpty }
        let verdict =
            good.isEmpty
            ? "No Ethereum node is in sync." : "\(good.count) of \(readings.count) Ethereum nodes are in sync."
        return [.text(verdict), .fields(readings.map(field))]
    }

    private func field(_ reading: NodeReading) -> Report.Field {
        let obstacles = reading.obstacles(nodes.standard)
        var lines = [obstacles.isEmpty ? "in sync" : "NOT in sync: " + obstacles.joined(separator: "; ")]
        lines.append(execution(reading))
        lines.append(consensus(reading))
        return Report.Field("Ethereum \(reading.node)", lines.joined(separator: "\n"))
    }

    private func execution(_ reading: NodeReading) -> String {
        if reading.executionFailure != nil, reading.block == nil { return "Geth: no answer" }
        let parts = [
            reading.block.map { "block \($0)" }, reading.headAge.map { "\(DurationText.human($0)) old" },
            reading.peers.map(NodeReading.count), reading.client.map(EthereumStatus.version),
        ]
        return "Geth: " + parts.compactMap { $0 }.joined(separator: ", ")
    }

    private func consensus(_ reading: NodeReading) -> String {
        guard let beacon = reading.beacon else { return "Lighthouse: no answer" }
        let parts = [
            beacon.distance == 0 ? "at the head" : "\(beacon.distance) slots behind",
            beacon.isExecutionOffline ? "cannot reach Geth" : nil, beacon.isOptimistic ? "optimistic" : nil,
            reading.beaconPeers.map(NodeReading.count), reading.beaconVersion.map(EthereumStatus.version),
        ]
        return "Lighthouse: " + parts.compactMap { $0 }.joined(separator: ", ")
    }

    /// `v1.15.11-stable-36b2371c` of `Geth/v1.15.11-stable-36b2371c/linux-amd64/go1.24.2`.
    private static func version(_ text: String) -> String {
        let parts = text.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : text
    }
}
