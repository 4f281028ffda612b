import Domain

/// Where a load balancer sends what comes.
struct LoadBalancerTarget: Sendable, Hashable {
    private let selector: String?
    let server: String?
    private let address: String?
    private let usesPrivateIP: Bool

    init(_ input: inout InputReader) {
        selector = input.optionalText(
            "label_selector", "Servers with these labels, such as defimon-pool=analytics,role=worker",
            pattern: HetznerName.selector)
        server = input.reference("server", "Instead: the name of a server")
        address = input.optionalText("ip", "Instead: an address outside of Hetzner Cloud")
        usesPrivateIP = input.flag("use_private_ip", "Whether it goes through the network that both are in")
        if [selector, server, address].compactMap({ $0 }).count != 1 {
            input.report("a target is one of label_selector, server and ip", field: "label_selector")
        }
        if address != nil, usesPrivateIP {
            input.report("an address has no private one", field: "use_private_ip")
        }
    }

    /// `id` is the server's. `isRemoved`: as it is named when it is taken away.
    func json(_ id: Int?) -> JSONValue {
        var target: [String: JSONValue] = [:]
        if let selector {
            target = ["type": "label_selector", "label_selector": ["selector": .string(selector)]]
        } else if server != nil {
            target = ["type": "server", "server": ["id": id.map { .int(Int64($0)) } ?? .null]]
        } else {
            return ["type": "ip", "ip": ["ip": .string(address ?? "")]]
        }
        target["use_private_ip"] = .bool(usesPrivateIP)
        return .object(target)
    }

    /// What Hetzner shows, with the members alone by which a target is given.
    static func plain(_ there: JSONValue) -> JSONValue {
        var target = (there.objectValue ?? [:]).filter {
            ["type", "server", "label_selector", "ip"].contains($0.key) && $0.value != .null
        }
        if there["type"] != "ip" { target["use_private_ip"] = there["use_private_ip"] ?? false }
        return .object(target)
    }

    /// As it is named when it is taken away.
    static func removal(_ target: JSONValue) -> JSONValue {
        .object((target.objectValue ?? [:]).filter { $0.key != "use_private_ip" })
    }
}
