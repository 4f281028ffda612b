package import Domain

/// The section `ethereum` of the settings: the nodes, and where each answers.
package struct EthereumSettings: Sendable {
    /// The two halves of one node.
    package struct Node: Sendable, Hashable {
        /// JSON-RPC of the execution client (Geth): `http://geth-0:8545`.
        package var execution: String
        /// The beacon node API of the consensus client (Lighthouse): `http://lighthouse-0:5052`.
        package var beacon: String
    }

    /// By name, as commands and locks name them: `geth-0`.
    package var nodes: [String: Node]
    /// A file of certificates to trust, PEM; nil: the machine's.
    package var ca: String?

    package init(_ input: inout InputReader) {
        nodes = input.named("nodes", "The nodes by name") { _, node in
            Node(
                execution: node.text(
                    "execution", "JSON-RPC of the execution client, such as http://geth-0:8545",
                    pattern: WebAddress.pattern),
                beacon: node.text(
                    "beacon", "The beacon node API of the consensus client, such as http://lighthouse-0:5052",
                    pattern: WebAddress.pattern))
        }
        ca = input.optionalText("ca", "A file of certificates to trust, PEM")
        for name in nodes.keys.sorted() where !EthereumSettings.isName(name) {
            input.report(
                "'\(name.prefix(80))' is not a name for a node", field: "nodes",
                fix: "use letters, digits, '.', '_' and '-', at most 63")
        }
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
