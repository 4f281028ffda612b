import Synchronization

/// The states of all nodes.
final class EthereumNodes: Sendable {
    struct Node: Sendable {
        var state = EthereumNodeState()
        var restarts = 0
        var lighthouseRestarts = 0
    }

    private let nodes: Mutex<[String: Node]>

    init(_ names: [String]) {
        nodes = Mutex(Dictionary(names.map { ($0, Node()) }, uniquingKeysWith: { $1 }))
    }

    func node(_ name: String) -> Node? { nodes.withLock { $0[name] } }

    /// Of an unknown name: a healthy node's.
    func state(of name: String) -> EthereumNodeState { node(name)?.state ?? EthereumNodeState() }

    /// Does nothing to an unknown name.
    func change(_ name: String, _ body: (inout Node) -> Void) {
        nodes.withLock { nodes in
            guard var node = nodes[name] else { return }
            body(&node)
            nodes[name] = node
        }
    }
}
