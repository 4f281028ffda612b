package import Domain
import Foundation
import ServiceLifecycle

/// Ethereum nodes on the loopback address, each a Geth (JSON-RPC) and a Lighthouse (beacon node API), whose chain
/// advances with the wall clock.
package final class EthereumStandIn: Service {
    package struct Configuration: Sendable {
        package var nodes: [String]
        /// How long a restarted node cuts connections.
        package var downFor: Duration = .seconds(1)
        /// How long it then syncs.
        package var syncFor: Duration = .seconds(6)
        /// How many blocks it is behind when it comes back.
        package var blocksBehind = 240

        package init(nodes: [String] = ["geth-0", "geth-1"]) { self.nodes = nodes }
    }

    /// How a node looks now, for the page and tests.
    package struct NodeView: Sendable, Hashable {
        package var name: String
        /// `in sync`, `syncing`, `stuck` or `down`.
        package var word: String
        package var isInSync: Bool
        /// The number of its newest block.
        package var head: Int
        /// Blocks behind the chain.
        package var lag: Int
        /// Geth's peers.
        package var peers: Int
        package var isSlow: Bool
        package var restarts: Int
        package var lighthouseRestarts: Int
    }

    private let configuration: Configuration
    private let time: any TimeSource
    private let nodes: EthereumNodes
    private struct Servers: Sendable {
        var geth: SandboxServer
        var engine: SandboxServer
        var beacon: SandboxServer
    }

    private let servers: [String: Servers]
    /// Counts what was switched; not the chain's own advance.
    package let changes = ChangeCounter()

    package init(_ configuration: Configuration = Configuration(), time: any TimeSource = SystemTime()) {
        self.configuration = configuration
        self.time = time
        let nodes = EthereumNodes(configuration.nodes)
        self.nodes = nodes
        servers = Dictionary(
            uniqueKeysWithValues: Set(configuration.nodes).map { name in
                let view: @Sendable () -> EthereumNodeState.View = { nodes.state(of: name).view(at: time.now) }
                return (name, EthereumStandIn.servers(of: name, nodes, time, view))
            })
    }

    private static func servers(
        of name: String, _ nodes: EthereumNodes, _ time: any TimeSource,
        _ view: @escaping @Sendable () -> EthereumNodeState.View
    ) -> Servers {
        let geth = GethRPC(view: view)
        let beacon = BeaconAPI(view: view)
        let pause: @Sendable () async throws -> Void = {
            if nodes.state(of: name).isSlow { try await time.sleep(for: .seconds(3)) }
        }
        let engine = EngineAPI(
            geth: geth, secret: secret(of: name), state: { nodes.state(of: name) }, time: time)
        return Servers(
            geth: SandboxServer("geth \(name)") { request in
                try await pause()
                // The process is gone, so there is nobody to answer.
                return view().isDown ? .reset : geth.answer(request)
            },
            engine: SandboxServer("engine \(name)") { request in
                try await pause()
                return view().isDown ? .reset : engine.answer(request)
            },
            beacon: SandboxServer("lighthouse \(name)") { request in
                try await pause()
                return view().faults.contains(.lighthouseDown) ? .reset : beacon.answer(request)
            }
        )
    }

    /// Serves all nodes until the service group ends.
    package func run() async throws {
        let all = servers.values.flatMap { [$0.geth, $0.engine, $0.beacon] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in all { group.addTask { try await server.run() } }
            try await group.waitForAll()
        }
    }

    package var nodeNames: [String] { configuration.nodes }

    /// `http://127.0.0.1:PORT` of Geth's JSON-RPC; waits until it listens. Throws for an unknown node.
    package func executionURL(of node: String) async throws -> String { try await server(of: node).geth.url() }

    /// `http://127.0.0.1:PORT` of Geth's authenticated JSON-RPC; waits until it listens. Throws for an unknown node.
    package func engineURL(of node: String) async throws -> String { try await server(of: node).engine.url() }

    /// The secret of a node's engine API as its file holds it, 64 hexadecimal digits.
    package func jwtSecret(of node: String) -> Secret { Secret(Hex.encode(EthereumStandIn.secret(of: node))) }

    private static func secret(of node: String) -> [UInt8] { SHA256Digest.of(Array("engine of \(node)".utf8)) }

    /// `http://127.0.0.1:PORT` of Lighthouse's API; waits until it listens. Throws for an unknown node.
    package func beaconURL(of node: String) async throws -> String { try await server(of: node).beacon.url() }

    /// Sets what the node does from now on, as if it had begun to do so a while ago.
    package func set(_ node: String, _ condition: EthereumCondition, ago: Duration = .zero) {
        let since = time.now.advanced(by: .zero - ago)
        change(node) { $0.state.course = .steady(condition, since: since) }
    }

    /// Whether the node has hardly any peers.
    package func setFewPeers(_ node: String, _ isOn: Bool) { change(node) { $0.state.hasFewPeers = isOn } }

    /// Whether every answer takes three seconds.
    package func setSlow(_ node: String, _ isOn: Bool) { change(node) { $0.state.isSlow = isOn } }

    /// Whether something else is wrong with the node, and for how long it has been.
    package func set(_ node: String, _ fault: EthereumFault, _ isOn: Bool, ago: Duration = .zero) {
        let since = time.now.advanced(by: .zero - ago)
        change(node) { $0.state.faults[fault] = isOn ? $0.state.faults[fault] ?? since : nil }
    }

    /// The node's Lighthouse is started anew, which mends some of its faults.
    package func lighthouseRestarted(_ node: String) {
        change(node) {
            $0.lighthouseRestarts += 1
            $0.state.faults = $0.state.faults.filter { !$0.key.isMendedByLighthouse }
        }
    }

    /// The node is started anew: gone for a moment, then syncing, then in sync, whatever was wrong before; but for one
    /// that is dead.
    package func restarted(_ node: String) {
        let up = time.now.advanced(by: configuration.downFor)
        let done = up.advanced(by: configuration.syncFor)
        let behind = configuration.blocksBehind
        change(node) {
            $0.restarts += 1
            if case .steady(.dead, _) = $0.state.course { return }
            $0.state.course = .starting(upAt: up, doneAt: done, behind: behind)
        }
    }

    /// How a node looks now; nil for an unknown one.
    package func look(at node: String) -> NodeView? {
        guard let known = nodes.node(node) else { return nil }
        let view = known.state.view(at: time.now)
        return NodeView(
            name: node, word: view.word, isInSync: view.isInSync, head: EthereumChain.block(ofSlot: view.headSlot),
            lag: view.lag, peers: view.executionPeers, isSlow: known.state.isSlow, restarts: known.restarts,
            lighthouseRestarts: known.lighthouseRestarts)
    }

    /// Whether a condition was switched on and has not been ended by a restart.
    func isSet(_ node: String, _ condition: EthereumCondition) -> Bool {
        if case .steady(let now, _) = state(of: node).course { return now == condition }
        return false
    }

    func state(of node: String) -> EthereumNodeState { nodes.state(of: node) }

    private func server(of node: String) throws -> Servers {
        guard let pair = servers[node] else {
            throw SandboxInputError("there is no node '\(node)'; there are \(configuration.nodes)")
        }
        return pair
    }

    private func change(_ node: String, _ body: (inout EthereumNodes.Node) -> Void) {
        nodes.change(node, body)
        changes.bump()
    }
}
