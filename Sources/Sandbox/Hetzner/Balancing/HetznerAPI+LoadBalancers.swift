import Domain
import Foundation

extension HetznerAPI {
    var balancerMethods: [HetznerMethod] {
        readsAndUpdate(.loadBalancers) + [
            HetznerMethod("create_load_balancer", "POST", "load_balancers") { call in
                try world.change { state, now in try HetznerAPI.makeBalancer(call, &state, now) }
            },
            deletion,
            protection(.loadBalancers),
            action("change_load_balancer_algorithm", .loadBalancers, "change_algorithm") { state, balancer, call, now in
                let algorithm = try HetznerAPI.algorithm(.object(call.body))
                return state.begin("change_algorithm", on: balancer.reference, now: now) { state, _ in
                    state.update(balancer.reference) { $0.body["algorithm"] = algorithm }
                }
            },
            action("change_load_balancer_type", .loadBalancers, "change_type") { state, balancer, call, now in
                let type = try state.named(
                    .loadBalancerTypes, try call.need("load_balancer_type"), field: "load_balancer_type")
                guard balancer.list("services").count <= type.number("max_services"),
                    balancer.list("targets").count <= type.number("max_targets")
                else {
                    throw HetznerError(
                        422, "invalid_load_balancer_type", "the load balancer type does not fit")
                }
                return state.begin("change_load_balancer_type", on: balancer.reference, now: now) { state, _ in
                    state.update(balancer.reference) { $0.links["load_balancer_type"] = type.id }
                }
            },
            action("attach_load_balancer_to_network", .loadBalancers, "attach_to_network") {
                state, balancer, call, now in
                let network = try state.numbered(.networks, try call.needNumber("network"))
                try state.checkFree(network.reference)
                guard balancer.list("private_net").isEmpty else {
                    throw HetznerError(
                        422, "load_balancer_already_attached", "load balancer is already attached to a network")
                }
                let address = try state.address(try call.text("ip"), in: network, zone: state.zone(of: balancer))
                return state.begin("attach_to_network", on: balancer.reference, network.reference, now: now) {
                    state, _ in state.attach(balancer.reference, to: network.id, address: address)
                }
            },
            action("detach_load_balancer_from_network", .loadBalancers, "detach_from_network") {
                state, balancer, call, now in
                let network = try call.needNumber("network")
                guard HetznerState.isAttached(balancer, to: network) else {
                    throw HetznerError(
                        422, "load_balancer_not_attached_to_network", "load balancer is not attached to a network")
                }
                return state.begin("detach_from_network", on: balancer.reference, now: now) { state, _ in
                    state.detach(balancer.reference, from: network)
                }
            },
            publicInterface("enable", true), publicInterface("disable", false),
        ] + serviceMethods + targetMethods
    }

    private var deletion: HetznerMethod {
        HetznerMethod("delete_load_balancer", "DELETE", "load_balancers/{id}") { call in
            try world.change { state, now in
                let balancer = try state.free(.loadBalancers, call.id)
                guard !balancer.isProtected() else { throw HetznerError.protected(.loadBalancers) }
                guard state.configuration.tellsDeletionOfBalancers else {
                    state[balancer.reference] = nil
                    return SandboxAnswer(204)
                }
                let action = state.begin("delete_load_balancer", on: balancer.reference, now: now) { state, _ in
                    state[balancer.reference] = nil
                }
                return .json(200, ["action": action.json(now)])
            }
        }
    }

    private func publicInterface(_ word: String, _ isOn: Bool) -> HetznerMethod {
        action("\(word)_load_balancer_public_interface", .loadBalancers, "\(word)_public_interface") {
            state, balancer, _, now in
            guard isOn || !balancer.list("private_net").isEmpty else {
                throw HetznerError(
                    422, "load_balancer_not_attached_to_network", "load balancer is not attached to a network")
            }
            return state.begin("\(word)_public_interface", on: balancer.reference, now: now) { state, _ in
                state.update(balancer.reference) { balancer in
                    var net = balancer.body["public_net"]?.objectValue ?? [:]
                    net["enabled"] = .bool(isOn)
                    balancer.body["public_net"] = .object(net)
                }
            }
        }
    }

    private static func algorithm(_ value: JSONValue?) throws -> JSONValue {
        let type = value?["type"]?.stringValue ?? "round_robin"
        guard ["round_robin", "least_connections"].contains(type) else {
            throw HetznerError.invalid("type", "must be one of round_robin, least_connections")
        }
        return ["type": .string(type)]
    }

    private static func makeBalancer(
        _ call: HetznerCall, _ state: inout HetznerState, _ now: Date
    ) throws -> SandboxAnswer {
        let name = try call.needText("name")
        try HetznerName.check(name, .loadBalancers)
        try state.checkName(.loadBalancers, name)
        let type = try state.named(
            .loadBalancerTypes, try call.need("load_balancer_type"), field: "load_balancer_type")
        let zone = try call.text("network_zone")
        let location =
            try call.body["location"].map { try state.named(.locations, $0, field: "location") }
            ?? state.all(.locations).first { $0.text("network_zone") == zone }
        guard let location, (zone == nil) != (call.body["location"] == nil) else {
            throw HetznerError.invalid("location", "either location or network_zone must be given")
        }
        let algorithm = try algorithm(call.body["algorithm"])
        let labels = try call.labels() ?? [:]
        let network = try call.number("network").map { try state.numbered(.networks, $0) }
        try state.checkLimit(.loadBalancers)
        guard !state.failures.exhausted.contains(location.name) else {
            throw HetznerError.exhausted("load balancers")
        }
        func pointer(_ ip: String) -> JSONValue {
            ["ip": .string(ip), "dns_ptr": HetznerState.pointers(ip).arrayValue?.first?["dns_ptr"] ?? .null]
        }
        let address = state.newAddress("ipv4")
        let balancer = state.add(
            .loadBalancers,
            [
                "name": .string(name), "labels": labels, "algorithm": algorithm, "services": [], "targets": [],
                "private_net": [], "protection": ["delete": false], "outgoing_traffic": .null,
                "ingoing_traffic": .null, "included_traffic": 21_990_232_555_520,
                "public_net": [
                    "enabled": .bool(try call.flag("public_interface") ?? true), "ipv4": pointer(address),
                    "ipv6": pointer(state.newAddress("ipv6").replacing("/64", with: "1")),
                ],
            ], links: ["load_balancer_type": type.id, "location": location.id], now)
        if let network {
            let inside = try state.freeAddress(in: network, zone: location.text("network_zone"))
            state.attach(balancer, to: network.id, address: inside)
        }
        for value in try call.list("services") ?? [] {
            guard let soFar = state[balancer] else { break }
            try state.put(service: try HetznerService.read(value, of: soFar, state), in: balancer)
        }
        for value in try call.list("targets") ?? [] {
            guard let soFar = state[balancer] else { break }
            let target = try state.target(value, of: soFar)
            state.update(balancer) { $0.body["targets"] = .array($0.list("targets") + [target]) }
        }
        let action = state.begin(
            "create_load_balancer", on: balancer, now: now, onFailure: { state, _ in state[balancer] = nil })
        return made(state, balancer, action, now)
    }
}
