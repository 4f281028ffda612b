import Domain
import Foundation

/// A new server, as a request orders it; all that it names is there.
struct HetznerServerOrder {
    /// Bytes of user data.
    static let mostUserData = 32 * 1024
    /// Firewalls of one server.
    static let mostFirewalls = 5

    private let name: String
    private let type: HetznerResource
    private let image: HetznerResource
    private let location: HetznerResource
    private let labels: JSONValue
    private let userData: String?
    private let group: HetznerResource?
    private let hasKeys: Bool
    private let volumes: [HetznerResource]
    private let networks: [HetznerResource]
    private let firewalls: [HetznerResource]
    /// The addresses that it gets, by type: those that there are, or new ones (nil).
    private let addresses: [(type: String, known: HetznerResource?)]
    private let starts: Bool

    /// Throws what Hetzner refuses it with.
    init(_ call: HetznerCall, _ state: HetznerState) throws {
        name = try call.needText("name")
        try HetznerName.check(name, .servers)
        try state.checkName(.servers, name)
        let type = try state.named(.serverTypes, try call.need("server_type"), field: "server_type")
        self.type = type
        image = try state.image(try call.need("image"), of: type.id)
        labels = try call.labels() ?? [:]
        starts = try call.flag("start_after_create") ?? true
        userData = try call.text("user_data")
        guard (userData ?? "").utf8.count <= HetznerServerOrder.mostUserData else {
            throw HetznerError.invalid("user_data", "is too long")
        }
        group = try call.number("placement_group").map { try state.numbered(.placementGroups, $0) }
        if let group { try state.checkRoom(in: group) }
        let keys = try call.list("ssh_keys") ?? []
        for key in keys { _ = try state.named(.sshKeys, key, field: "ssh_keys") }
        hasKeys = !keys.isEmpty
        let addresses = try HetznerServerOrder.addresses(call, state)
        self.addresses = addresses
        let location = try HetznerServerOrder.location(call, addresses.compactMap(\.known), state)
        self.location = location
        volumes = try (call.list("volumes") ?? []).map { value in
            let volume = try state.numbered(.volumes, value.intValue ?? 0)
            guard volume.body["server"] == .null, volume.links["location"] == location.id else {
                throw HetznerError.invalid("volumes", "volume '\(volume.name)' is attached or in another location")
            }
            return volume
        }
        networks = try (call.list("networks") ?? []).map { value in
            let network = try state.numbered(.networks, value.intValue ?? 0)
            _ = try state.freeAddress(in: network, zone: location.text("network_zone"))
            return network
        }
        firewalls = try (call.list("firewalls") ?? []).map { value in
            try state.numbered(.firewalls, value["firewall"]?.intValue ?? 0)
        }
        guard firewalls.count <= HetznerServerOrder.mostFirewalls else {
            throw HetznerError.invalid("firewalls", "must be at most \(HetznerServerOrder.mostFirewalls) items")
        }
        guard !addresses.isEmpty || !networks.isEmpty else {
            throw HetznerError.invalid("public_net", "server needs a public or a private network interface")
        }
        try state.checkLimit(.servers)
        try state.checkRoom(at: location.id, for: "servers")
    }

    private static func addresses(
        _ call: HetznerCall, _ state: HetznerState
    ) throws -> [(type: String, known: HetznerResource?)] {
        let wanted = call.body["public_net"] ?? [:]
        return try ["ipv4", "ipv6"].compactMap { type in
            guard wanted["enable_\(type)"]?.boolValue ?? true else { return nil }
            guard let id = wanted[type]?.intValue else { return (type, nil) }
            let address = try state.numbered(.primaryIPs, id)
            guard address.text("type") == type else {
                throw HetznerError(
                    412, "primary_ip_version_mismatch", "the specified primary ip has the wrong ip version")
            }
            guard address.body["assignee_id"] == .null else {
                throw HetznerError(422, "primary_ip_assigned", "the specified primary ip is already assigned")
            }
            return (type, address)
        }
    }

    private static func location(
        _ call: HetznerCall, _ addresses: [HetznerResource], _ state: HetznerState
    ) throws -> HetznerResource {
        var asked = try call.body["location"].map { try state.named(.locations, $0, field: "location") }
        if asked == nil, let center = call.body["datacenter"] {
            let datacenter = try state.named(.datacenters, center, field: "datacenter")
            asked = state.resources[.locations]?[datacenter.links["location"] ?? 0]
        }
        let places = addresses.compactMap { $0.links["location"] }
        guard let place = asked?.id ?? places.first ?? state.all(.locations).first?.id,
            let location = state.resources[.locations]?[place]
        else { throw HetznerError.invalid("location", "is required") }
        guard places.allSatisfy({ $0 == place }) else {
            throw HetznerError(
                422, "primary_ip_datacenter_mismatch", "the specified primary ip is in a different location")
        }
        return location
    }

    /// Makes it, and answers.
    func place(_ state: inout HetznerState, _ now: Date) throws -> SandboxAnswer {
        var links = ["server_type": type.id, "image": image.id, "location": location.id]
        // Without a group the member is there all the same, as null.
        links["placement_group"] = group?.id ?? 0
        let server = state.add(
            .servers,
            [
                "name": .string(name), "status": "initializing", "labels": labels, "private_net": [],
                "iso": .null, "rescue_enabled": false, "backup_window": .null, "outgoing_traffic": .null,
                "ingoing_traffic": .null, "included_traffic": 21_990_232_555_520,
                "protection": ["delete": false, "rebuild": false], "primary_disk_size": type.body["disk"] ?? 0,
            ], links: links, now)
        if let userData { state.userData[server.id] = userData }
        for address in addresses { state.give(address.known, address.type, to: server, at: location.id, now) }
        for firewall in firewalls { state.apply(firewall.reference, to: server) }
        let zone = location.text("network_zone")
        let created = state.begin("create_server", on: server, now: now) { [networks] state, _ in
            for network in networks {
                let address = try? state.freeAddress(in: network, zone: zone)
                state.attach(server, to: network.id, address: address ?? "")
            }
            state.update(server) { $0.body["status"] = "off" }
        } onFailure: { state, _ in
            state.remove(server: server)
        }
        var next: [HetznerAction] = []
        if starts { next.append(state.start(server, after: created, now: now)) }
        for volume in volumes { next.append(state.attach(volume.reference, to: server, after: created, now: now)) }
        return HetznerAPI.made(
            state, server, created, now,
            [
                "next_actions": .array(next.map { $0.json(now) }),
                "root_password": hasKeys ? .null : .string(HetznerServerOrder.password()),
            ])
    }

    private static func password() -> String {
        String((0..<20).map { _ in "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789".randomElement() ?? "x" })
    }
}
