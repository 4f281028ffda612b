package import Domain
import Foundation
package import Outbound

/// The nodes of the settings, each of which can be asked how it is.
package struct EthereumNodes: Sendable {
    private struct Node: Sendable {
        var execution: ExecutionClient
        var beacon: BeaconClient
        var engine: EngineClient?
        var place: NodePlace?
        var otherNames: [String]

        func isCalled(_ name: String) -> Bool {
            otherNames.contains(name) || place?.execution == name || place?.consensus == name || place?.host == name
        }
    }

    private let nodes: [String: Node]
    /// When one of them counts as in sync, unless a step says otherwise.
    let standard: NodeReading.Standard

    /// The session is for all nodes together. Throws when the secret of an engine API cannot be read.
    package init(_ settings: EthereumSettings, secrets: any SecretSource, session: HTTPSession) throws(MissingSecret) {
        var engines: [String: EngineClient] = [:]
        for (name, node) in settings.nodes {
            guard let url = node.engine, let jwt = node.jwt else { continue }
            engines[name] = EngineClient(url: url, secret: try secrets.secret(jwt), session: session)
        }
        self.init(settings, engines: engines, session: session)
    }

    /// Without secrets, and so without the engine APIs.
    package init(_ settings: EthereumSettings, session: HTTPSession) {
        self.init(settings, engines: [:], session: session)
    }

    private init(_ settings: EthereumSettings, engines: [String: EngineClient], session: HTTPSession) {
        standard = NodeReading.Standard(maxHeadAge: settings.maxHeadAge, minPeers: settings.minPeers)
        nodes = Dictionary(
            uniqueKeysWithValues: settings.nodes.map { name, node in
                (
                    name,
                    Node(
                        execution: ExecutionClient(url: node.execution, session: session),
                        beacon: BeaconClient(url: node.beacon, session: session), engine: engines[name],
                        place: node.runsOn, otherNames: node.otherNames)
                )
            })
    }

    /// Their names, sorted.
    package var names: [String] { nodes.keys.sorted() }

    /// The node that has this name, is also called so, or whose host or one of whose workloads or units has it: `geth-0`
    /// for `lighthouse-0`. The name itself when there is none, or more than one.
    func name(of given: String) -> String {
        guard nodes[given] == nil else { return given }
        let named = nodes.filter { $0.value.isCalled(given) }
        return named.count == 1 ? named.first?.key ?? given : given
    }

    /// Names of the hosts that nodes run on, sorted; those of the settings' section `hosts`.
    package var hosts: [String] { Set(nodes.values.compactMap { $0.place?.host }.filter { !$0.isEmpty }).sorted() }

    /// Where a node's processes run; nil when the settings do not say.
    func place(of name: String) -> NodePlace? { nodes[name]?.place }

    /// Asks one node everything at once; nil when there is no such node. Throws only `CancellationError`.
    func reading(of name: String, time: any TimeSource) async throws -> NodeReading? {
        guard let node = nodes[name] else { return nil }
        async let syncing = EthereumNodes.result { try await node.execution.syncing() }
        async let block = EthereumNodes.result { try await node.execution.latestBlock() }
        async let peers = EthereumNodes.result { try await node.execution.peerCount() }
        async let client = EthereumNodes.result { try await node.execution.clientVersion() }
        async let beacon = EthereumNodes.result { try await node.beacon.syncing() }
        async let health = EthereumNodes.result { try await node.beacon.health() }
        async let beaconPeers = EthereumNodes.result { try await node.beacon.peerCount() }
        async let beaconVersion = EthereumNodes.result { try await node.beacon.version() }
        var reading = NodeReading(node: name)
        func take<Value>(
            _ result: Result<Value, NodeFailure>, _ half: WritableKeyPath<NodeReading, NodeFailure?>
        ) -> Value? {
            switch result {
            case .success(let value): return value
            case .failure(let failure):
                reading.failures.append(failure)
                reading[keyPath: half] = reading[keyPath: half] ?? failure
                return nil
            }
        }
        let latest = take(try await block, \.executionFailure)
        reading.syncing = take(try await syncing, \.executionFailure)
        reading.beacon = take(try await beacon, \.beaconFailure)
        reading.health = take(try await health, \.beaconFailure)
        switch try await peers {
        case .success(let count): reading.peers = count
        case .failure(let failure): reading.peersFailure = failure
        }
        // Their names are nice to have, and the beacon node's peers too; a node that keeps them to itself is no worse.
        reading.client = try? (try await client).get()
        reading.beaconVersion = try? (try await beaconVersion).get()
        reading.beaconPeers = try? (try await beaconPeers).get()
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

    /// A reading, and what matters only when something is wrong; nil when there is no such node. Throws only
    /// `CancellationError`.
    func look(at name: String, time: any TimeSource) async throws -> NodeLook? {
        guard let node = nodes[name] else { return nil }
        let now = time.now
        async let engine = node.engine?.attempt(now: now)
        async let executionDate = EthereumNodes.result { try await node.execution.date() }
        async let beaconDate = EthereumNodes.result { try await node.beacon.date() }
        guard let reading = try await reading(of: name, time: time) else { return nil }
        // Who tells no time, or nothing at all, has no clock to compare.
        let execution = try? (try await executionDate).get()
        let beacon = try? (try await beaconDate).get()
        return NodeLook(
            reading: reading, engine: try await engine, executionClock: execution.map { $0.since(now) },
            beaconClock: beacon.map { $0.since(now) })
    }

    private static func result<Value: Sendable>(_ body: () async throws -> Value) async throws
        -> Result<Value, NodeFailure>
    {
        do { return .success(try await body()) } catch let failure as NodeFailure { return .failure(failure) }
    }
}
