import Domain

/// A server.
struct HetznerServer: HetznerResource {
    /// A network that it is in.
    struct Attachment: Sendable, Hashable {
        let network: String
        /// Nil: Hetzner chooses one.
        let address: String?

        init(_ input: inout InputReader) {
            network = input.text("network", "Name of the network", pattern: HetznerName.thing)
            address = input.optionalText(
                "private_ip", "Its address in it, such as 10.40.0.2; Hetzner's choice when left out")
            if let address, AddressRange("\(address)/32") == nil {
                input.report("'\(address.prefix(80))' is no IPv4 address", field: "private_ip")
            }
        }

        var words: String { [network, address].compactMap { $0 }.joined(separator: " ") }
    }

    /// Networks of one server (docs.hetzner.com/cloud/networks/faq).
    static let mostNetworks = 3

    static let kind = HetznerKind.server
    static let summary = "Makes a server, or changes of it what may be changed while it runs"
    static let outputs: [ActionType.Output] = [
        .init("ip", .text(nil), "Its public IPv4 address; empty when it has none"),
        .init("private_ip", .text(nil), "Its address in its first network; empty when it is in none"),
        .init("status", .text(nil), "running, off, …"),
    ]

    var identity: ThingIdentity
    let type: String
    let image: String
    let location: String?
    let placementGroup: String?
    let networks: [Attachment]
    let firewalls: [String]
    let sshKeys: [String]
    let primaryIP: String?
    let hasIPv4: Bool
    let hasIPv6: Bool
    let userData: UserData
    let isProtected: Bool

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        type = input.text("type", "Such as cx23", pattern: HetznerName.type)
        image = input.text("image", "What it is made of, such as debian-12", pattern: HetznerName.image)
        location = input.location()
        placementGroup = input.reference("placement_group", "Name of its placement group")
        networks = input.sections(
            "networks", "The networks that it is in: {network: analytics, private_ip: 10.40.0.2}",
            atMost: Self.mostNetworks
        ) { Attachment(&$0) }
        firewalls = input.texts(
            "firewalls", "Names of firewalls that it gets", each: HetznerName.thing, "the name of a firewall")
        sshKeys = input.texts(
            "ssh_keys", "Names of SSH keys that let in as root, when it is made", each: HetznerName.thing,
            "the name of a key")
        primaryIP = input.reference("primary_ip", "Name of the primary IP that it is made with")
        hasIPv4 = input.flag("public_ipv4", "Whether it has a public IPv4 address", default: true)
        hasIPv6 = input.flag("public_ipv6", "Whether it has a public IPv6 address", default: true)
        userData = UserData(&input)
        isProtected = input.flag("delete_protection", "Whether it can be neither deleted nor rebuilt")
        if primaryIP != nil, !hasIPv4 {
            input.report("'primary_ip' is given to a server without public_ipv4", field: "primary_ip")
        }
    }

    /// One of several that are wanted alike.
    func named(_ name: String) -> HetznerServer {
        var server = self
        server.identity = ThingIdentity(name: name, pool: identity.pool, labels: identity.labels)
        return server
    }

    /// With an address of its own choice in a network it is started only when it has it: what runs at its first start
    /// counts on it, and Hetzner takes no address with the order.
    var isStartedLater: Bool { networks.contains { $0.address != nil } }

    var firstLabels: [String: JSONValue] { isStartedLater ? [HetznerMark.start: "pending"] : [:] }

    func isSettled(_ thing: JSONValue) -> Bool {
        ["running", "off", "unknown", nil].contains(thing["status"]?.stringValue) && thing["locked"] != true
    }

    func outputs(of thing: JSONValue) -> [String: JSONValue] {
        [
            "ip": thing.at(path: "public_net.ipv4.ip") ?? "", "private_ip": thing.at(path: "private_net.0.ip") ?? "",
            "status": thing["status"] ?? "",
        ]
    }

    func price(_ prices: HetznerPrices) -> String? {
        prices.words { sum in
            prices.add(server: type, to: &sum)
            if hasIPv4, primaryIP == nil { prices.addPrimaryIPv4(to: &sum) }
        }
    }
}
