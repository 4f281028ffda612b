import Domain
import Foundation

extension HetznerAPI {
    var floatingIPMethods: [HetznerMethod] {
        readsAndUpdate(.floatingIPs, more: ["description"]) + [
            HetznerMethod("create_floating_ip", "POST", "floating_ips") { call in
                try world.change { state, now in try HetznerAPI.makeFloatingIP(call, &state, now) }
            },
            deletion(.floatingIPs) { _, address in
                guard address.body["server"] == .null else {
                    throw HetznerError(422, "must_be_unassigned", "floating IP is still assigned to a resource")
                }
            },
            protection(.floatingIPs),
            action("assign_floating_ip", .floatingIPs, "assign") { state, address, call, now in
                let server = try state.numbered(.servers, try call.needNumber("server"))
                guard address.body["server"] != .int(Int64(server.id)) else {
                    throw HetznerError(422, "floating_ip_assigned", "the floating IP is already assigned")
                }
                return state.assign(address.reference, to: server.reference, now)
            },
            action("unassign_floating_ip", .floatingIPs, "unassign") { state, address, _, now in
                state.begin("unassign_floating_ip", on: address.reference, now: now) { state, _ in
                    state.update(address.reference) { $0.body["server"] = .null }
                }
            },
            pointer(.floatingIPs),
        ]
    }

    private static func makeFloatingIP(
        _ call: HetznerCall, _ state: inout HetznerState, _ now: Date
    ) throws -> SandboxAnswer {
        let type = try addressType(call)
        let server = try call.number("server").map { try state.numbered(.servers, $0) }
        let asked = try call.body["home_location"].map { try state.named(.locations, $0, field: "home_location").id }
        guard let location = asked ?? server?.links["location"] else {
            throw HetznerError.invalid("home_location", "is required")
        }
        let name = try call.text("name")
        if let name {
            try HetznerName.check(name, .floatingIPs)
            try state.checkName(.floatingIPs, name)
        }
        let labels = try call.labels() ?? [:]
        try state.checkLimit(.floatingIPs)
        let ip = state.newAddress(type)
        let address = state.add(
            .floatingIPs,
            [
                "name": .string(name ?? ""), "description": call.body["description"] ?? .null, "ip": .string(ip),
                "type": .string(type), "server": .null, "dns_ptr": HetznerState.pointers(ip), "blocked": false,
                "protection": ["delete": false], "labels": labels,
            ], links: ["home_location": location], now)
        if name == nil { state.update(address) { $0.body["name"] = .string("floating-ip-\(address.id)") } }
        let action = server.map { state.assign(address, to: $0.reference, now) }
        return made(state, address, action, now)
    }
}

extension HetznerState {
    fileprivate mutating func assign(
        _ address: HetznerReference, to server: HetznerReference, _ now: Date
    ) -> HetznerAction {
        begin("assign_floating_ip", on: address, server, now: now) { state, _ in
            state.update(address) { $0.body["server"] = .int(Int64(server.id)) }
        }
    }
}
