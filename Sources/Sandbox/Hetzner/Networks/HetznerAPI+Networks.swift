import Domain
import Foundation

extension HetznerAPI {
    /// Subnets of one network.
    private static let mostSubnets = 50

    var networkMethods: [HetznerMethod] {
        readsAndUpdate(.networks, more: ["expose_routes_to_vswitch"]) + [
            HetznerMethod("create_network", "POST", "networks") { call in
                try world.change { state, now in try HetznerAPI.makeNetwork(call, &state, now) }
            },
            deletion(.networks) { state, network in
                for other in state.all(.servers) + state.all(.loadBalancers) {
                    state.detach(other.reference, from: network.id)
                }
            },
            protection(.networks),
            action("add_network_subnet", .networks, "add_subnet") { state, network, call, now in
                let subnet = try HetznerAPI.subnet(.object(call.body), of: network, state)
                return state.begin("add_subnet", on: network.reference, now: now) { state, _ in
                    state.update(network.reference) { $0.body["subnets"] = .array($0.list("subnets") + [subnet]) }
                }
            },
            action("delete_network_subnet", .networks, "delete_subnet") { state, network, call, now in
                let range = try call.needText("ip_range")
                guard network.list("subnets").contains(where: { $0["ip_range"]?.stringValue == range }),
                    let numbers = IPv4Range(range)
                else { throw HetznerError.invalid("ip_range", "is no subnet of the network") }
                let isUsed = (state.all(.servers) + state.all(.loadBalancers)).contains { resource in
                    resource.list("private_net").contains { entry in
                        entry["network"] == .int(Int64(network.id))
                            && entry["ip"]?.stringValue.flatMap(IPv4Range.init).map(numbers.contains) == true
                    }
                }
                guard !isUsed else {
                    throw HetznerError(422, "service_error", "subnet has attached resources")
                }
                return state.begin("delete_subnet", on: network.reference, now: now) { state, _ in
                    state.update(network.reference) { network in
                        network.body["subnets"] = .array(
                            network.list("subnets").filter { $0["ip_range"]?.stringValue != range })
                    }
                }
            },
            action("add_network_route", .networks, "add_route") { state, network, call, now in
                let route = try HetznerAPI.route(.object(call.body), of: network)
                return state.begin("add_route", on: network.reference, now: now) { state, _ in
                    state.update(network.reference) { $0.body["routes"] = .array($0.list("routes") + [route]) }
                }
            },
            action("delete_network_route", .networks, "delete_route") { state, network, call, now in
                let route: JSONValue = [
                    "destination": .string(try call.needText("destination")),
                    "gateway": .string(try call.needText("gateway")),
                ]
                guard network.list("routes").contains(route) else {
                    throw HetznerError.invalid("destination", "is no route of the network")
                }
                return state.begin("delete_route", on: network.reference, now: now) { state, _ in
                    state.update(network.reference) { network in
                        network.body["routes"] = .array(network.list("routes").filter { $0 != route })
                    }
                }
            },
            action("change_network_ip_range", .networks, "change_ip_range") { state, network, call, now in
                let text = try call.needText("ip_range")
                let (range, old) = (try HetznerAPI.range(text, "ip_range"), IPv4Range(network.text("ip_range")))
                guard let old, range.base == old.base, range.prefix <= old.prefix else {
                    throw HetznerError.invalid("ip_range", "can only be extended, at its end")
                }
                return state.begin("change_ip_range", on: network.reference, now: now) { state, _ in
                    state.update(network.reference) { $0.body["ip_range"] = .string(text) }
                }
            },
        ]
    }

    private static func makeNetwork(
        _ call: HetznerCall, _ state: inout HetznerState, _ now: Date
    ) throws -> SandboxAnswer {
        let name = try call.needText("name")
        try HetznerName.check(name, .networks)
        try state.checkName(.networks, name)
        let text = try call.needText("ip_range")
        let range = try range(text, "ip_range")
        let isPrivate = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].compactMap(IPv4Range.init)
            .contains { $0.contains(range) }
        guard isPrivate, range.prefix <= 24 else {
            throw HetznerError.invalid("ip_range", "must be a private range of /24 at least")
        }
        let labels = try call.labels() ?? [:]
        try state.checkLimit(.networks)
        let network = state.add(
            .networks,
            [
                "name": .string(name), "ip_range": .string(text), "subnets": [], "routes": [], "labels": labels,
                "protection": ["delete": false],
                "expose_routes_to_vswitch": .bool(try call.flag("expose_routes_to_vswitch") ?? false),
            ], now)
        for value in try call.list("subnets") ?? [] {
            let item = try subnet(value, of: try state.numbered(.networks, network.id), state)
            state.update(network) { $0.body["subnets"] = .array($0.list("subnets") + [item]) }
        }
        for value in try call.list("routes") ?? [] {
            let item = try route(value, of: try state.numbered(.networks, network.id))
            state.update(network) { $0.body["routes"] = .array($0.list("routes") + [item]) }
        }
        return made(state, network, nil, now)
    }

    static func range(_ text: String, _ field: String) throws -> IPv4Range {
        guard text.contains("/"), let range = IPv4Range(text) else {
            throw HetznerError.invalid(field, "'\(text)' is no valid IP range")
        }
        return range
    }

    private static func subnet(
        _ value: JSONValue, of network: HetznerResource, _ state: HetznerState
    ) throws -> JSONValue {
        let type = try HetznerCall.needed(HetznerCall.text(value["type"], "type"), "type")
        guard ["cloud", "server"].contains(type) else {
            throw HetznerError.invalid("type", "must be one of cloud, server")
        }
        let zone = try HetznerCall.needed(HetznerCall.text(value["network_zone"], "network_zone"), "network_zone")
        guard state.all(.locations).contains(where: { $0.text("network_zone") == zone }) else {
            throw HetznerError.invalid("network_zone", "network zone '\(zone)' not found")
        }
        let known = network.list("subnets").compactMap { $0["ip_range"]?.stringValue.flatMap(IPv4Range.init) }
        guard known.count < mostSubnets else {
            throw HetznerError(403, "resource_limit_exceeded", "subnet limit exceeded")
        }
        guard let whole = IPv4Range(network.text("ip_range")) else { throw HetznerError.serverError }
        let range: IPv4Range
        if let text = try HetznerCall.text(value["ip_range"], "ip_range") {
            range = try HetznerAPI.range(text, "ip_range")
            guard whole.contains(range), range.prefix <= 30 else {
                throw HetznerError.invalid("ip_range", "must be within the network's range \(network.text("ip_range"))")
            }
            guard !known.contains(where: range.overlaps) else {
                throw HetznerError.invalid("ip_range", "overlaps with another subnet")
            }
        } else {
            let all = (0..<UInt32(1 << (24 - min(whole.prefix, 24)))).lazy
                .compactMap { IPv4Range("\(whole.address($0 << 8))/24") }
            guard let free = all.first(where: { candidate in !known.contains(where: candidate.overlaps) }) else {
                throw HetznerError.invalid("ip_range", "no range is left")
            }
            range = free
        }
        return [
            "type": .string(type), "network_zone": .string(zone),
            "ip_range": .string("\(range.address(0))/\(range.prefix)"), "gateway": .string(whole.address(1)),
        ]
    }

    private static func route(_ value: JSONValue, of network: HetznerResource) throws -> JSONValue {
        let destination = try HetznerCall.needed(HetznerCall.text(value["destination"], "destination"), "destination")
        let gateway = try HetznerCall.needed(HetznerCall.text(value["gateway"], "gateway"), "gateway")
        _ = try range(destination, "destination")
        guard let whole = IPv4Range(network.text("ip_range")), let address = IPv4Range(gateway),
            whole.contains(address)
        else { throw HetznerError.invalid("gateway", "must be within the network's range") }
        return ["destination": .string(destination), "gateway": .string(gateway)]
    }
}
