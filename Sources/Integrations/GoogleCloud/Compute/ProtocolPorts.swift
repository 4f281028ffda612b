import Domain

/// A protocol and its ports, as a firewall rule has them: `tcp:8545,9090-9099`, `icmp`, `all`.
struct ProtocolPorts: Sendable, Hashable {
    let name: String
    let ports: [String]

    /// Nil when the text is none: ports are from 0 to 65535 and only tcp, udp and sctp have them.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        guard ["tcp", "udp", "icmp", "esp", "ah", "ipip", "sctp", "all"].contains(name) || Int(name) != nil else {
            return nil
        }
        guard parts.count == 2 else {
            ports = []
            return
        }
        ports = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard ["tcp", "udp", "sctp"].contains(name), ports.allSatisfy(ProtocolPorts.isPort) else { return nil }
    }

    private static func isPort(_ text: String) -> Bool {
        guard CloudName.ports?.matches(text) == true else { return false }
        let ends = text.split(separator: "-").compactMap { Int($0) }
        return ends.allSatisfy { $0 <= 65_535 } && ends == ends.sorted()
    }

    /// As Google has it.
    var json: JSONValue {
        var members: [String: JSONValue] = ["IPProtocol": .string(name)]
        if !ports.isEmpty { members["ports"] = Field.strings(ports) }
        return .object(members)
    }

    /// What Google answers, in the same form.
    static func text(_ item: JSONValue) -> String {
        let ports = (item["ports"]?.arrayValue ?? []).compactMap(\.stringValue)
        let name = item["IPProtocol"]?.stringValue ?? ""
        return ports.isEmpty ? name : "\(name):\(ports.sorted().joined(separator: ","))"
    }

    var text: String { ProtocolPorts.text(json) }
}
