package import Domain

/// The section `ethereum` of the settings: the nodes, and where each answers.
package struct EthereumSettings: Sendable {
    /// The two halves of one node.
    package struct Node: Sendable, Hashable {
        /// JSON-RPC of the execution client (Geth): `http://geth-0:8545`.
        package var execution: String
        /// The beacon node API of the consensus client (Lighthouse): `http://lighthouse-0:5052`.
        package var beacon: String
        /// The authenticated JSON-RPC through which Lighthouse drives Geth: `http://geth-0:8551`.
        package var engine: String?
        /// The secret of that, 64 hexadecimal digits, as both clients read it from a file (`--authrpc.jwtsecret`).
        package var jwt: SecretReference?
        package var runsOn: NodePlace?
        /// Other names that commands and alerts have for it: units of two hosts have the same name, which tells no node.
        package var otherNames: [String]
    }

    /// By name, as commands and locks name them: `geth-0`.
    package var nodes: [String: Node]
    /// A file of certificates to trust, PEM; nil: the machine's.
    package var ca: String?
    /// Peers that a node in sync has at least.
    package var minPeers: Int
    /// The oldest newest block of a node in sync.
    package var maxHeadAge: Duration

    package init(_ input: inout InputReader) {
        nodes = input.named("nodes", "The nodes by name") { _, node in EthereumSettings.node(&node) }
        ca = input.optionalText("ca", "A file of certificates to trust, PEM")
        minPeers = input.integer(
            "min_peers", "Peers that a node in sync has at least; 0 where the node does not tell them",
            in: 0...10_000, default: 3)
        maxHeadAge = input.duration("max_head_age", "The oldest newest block of a node in sync", default: .seconds(60))
        for name in (nodes.keys + nodes.values.flatMap(\.otherNames)).sorted() where !EthereumSettings.isName(name) {
            input.report(
                "'\(name.prefix(80))' is not a name for a node", field: "nodes",
                fix: "use letters, digits, '.', '_' and '-', at most 63")
        }
    }

    private static func node(_ input: inout InputReader) -> Node {
        let node = Node(
            execution: input.text(
                "execution", "JSON-RPC of the execution client, such as http://geth-0:8545",
                pattern: WebAddress.pattern),
            beacon: input.text(
                "beacon", "The beacon node API of the consensus client, such as http://lighthouse-0:5052",
                pattern: WebAddress.pattern),
            engine: input.optionalText(
                "engine", "The authenticated JSON-RPC of the execution client, such as http://geth-0:8551",
                pattern: WebAddress.pattern),
            jwt: input.secret(
                "jwt", "The secret of 'engine' that both clients share, 64 hexadecimal digits", isRequired: false),
            runsOn: input.section("runs_on", "Where its processes run") { NodePlace.read(&$0) }.flatMap { $0 },
            otherNames: input.texts(
                "also_called", "Other names that commands and alerts have for it, such as lighthouse-0"))
        if (node.engine == nil) != (node.jwt == nil) {
            input.report(
                "'engine' and 'jwt' belong together", field: node.engine == nil ? "jwt" : "engine",
                fix: "give both, or neither: without them the authenticated API is not tried")
        }
        return node
    }

    private static func isName(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "ethereum", summary: "Ethereum nodes whose state the bot reads"
    ) { input in
        _ = EthereumSettings(&input)
    }
}

/// What an address of a web server looks like in settings.
enum WebAddress {
    /// Nil is never seen: the pattern is a constant that compiles, which a test shows.
    static let pattern = try? Pattern("https?://[^\\s?#@]+")
}
