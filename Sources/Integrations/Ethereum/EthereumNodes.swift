import Domain
import Foundation
package import Outbound

/// The nodes of the settings, each of which can be asked how it is.
package struct EthereumNodes: Sendable {
    private struct Node: Sendable {
        var execution: ExecutionClient
        var beacon: BeaconClient
    }

    private let nodes: [String: Node]

    /// The session is for all nodes together.
    package init(_ settings: EthereumSettings, session: HTTPSession) {
        nodes = settings.nodes.mapValues {
            Node(
                execution: ExecutionClient(url: $0.execution, session: session),
                beacon: BeaconClient(url: $0.beacon, session: session))
        }
    }

    /// Their names, sorted.
    package var names: [String] { nodes.keys.sorted() }

    /// Asks one node everything at once; nil when there is no such node. Throws only `CancellationError`.
    func reading(of name: String, time: any TimeSource) async throws -> NodeReading? {
        guard let node = nodes[name] else { return nil }
        async let syncing = EthereumNodes.result { try await node.execution.syncing() }
        async let block = EthereumNodes.result { try await node.execution.latestBlock() }
        async let peers = EthereumNodes.result { try await node.execution.peerCount() }
        async let client = EthereumNodes.result { try await node.execution.clientVersion() }
        async let beacon = EthereumNodes.result { try await node.beacon.syncing() }
        async let health = EthereumNodes.result { try await node.beacon.health() }
        async let beaconVersion = EthereumNodes.result { try await node.beacon.version() }
        var reading = NodeReading(node: name)
        func take<Value>(_ result: Result<Value, NodeFailure>) -> Value? {
            switch result {
            case .success(let value): return value
            case .failure(let failure):
                reading.failures.append(failure)
                return nil
            }
        }
        let latest = take(try await block)
        reading.syncing = take(try await syncing)
        reading.beacon = take(try await beacon)
        reading.health = take(try await health)
        switch try await peers {
        case .success(let count): reading.peers = count
        case .failure(let failure): reading.peersFailure = failure
        }
        // Their names are nice to have; a node that keeps them to itself is no worse.
        reading.client = try? (try await client).get()
        reading.beaconVersion = try? (try await beaconVersion).get()
        reading.block = latest?.number
        // A block a little ahead of our clock is new, not from the future.
        reading.headAge = latest.map { max(.zero, time.now.since($0.timestamp)) }
        return reading
    }

    /// Asks several nodes side by side; in the order of the names.
    func readings(of names: [String], time: any TimeSource) async throws -> [NodeReading] {
        try await withThrowingTaskGroup(of: NodeReading?.self) { group in
            for name in names { group.addTask { try await reading(of: name, time: time) } }
            var found: [NodeReading] = []
            for try await reading in group { if let reading { found.append(reading) } }
            return found.sorted { $0.node < $1.node }
        }
    }

    private static func result<Value: Sendable>(_ body: () async throws -> Value) async throws
        -> Result<Value, NodeFailure>
    {
        do { return .success(try await body()) } catch let failure as NodeFailure { return .failure(failure) }
    }
}
