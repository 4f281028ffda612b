import Domain
import Foundation

extension HetznerAPI {
    var primaryIPMethods: [HetznerMethod] {
        readsAndUpdate(.primaryIPs, more: ["auto_delete"]) + [
            HetznerMethod("create_primary_ip", "POST", "primary_ips") { call in
                try world.change { state, now in try HetznerAPI.makePrimaryIP(call, &state, now) }
            },
            deletion(.primaryIPs) { _, address in
                guard address.body["assignee_id"] == .null else {
                    throw HetznerError(422, "must_be_unassigned", "primary IP is still assigned to a resource")
                }
            },
            protection(.primaryIPs),
            action("assign_primary_ip", .primaryIPs, "assign") { state, address, call, now in
                let server = try state.numbered(.servers, try call.needNumber("assignee_id"))
                try state.checkAssignable(address, to: server)
                return state.begin("assign_primary_ip", on: address.reference, server.reference, now: now) { state, _ in
                    state.update(address.reference) { $0.body["assignee_id"] = .int(Int64(server.id)) }
                }
            },
            action("unassign_primary_ip", .primaryIPs, "unassign") { state, address, _, now in
                guard let id = address.body["assignee_id"]?.intValue else {
                    throw HetznerError.invalid("primary_ip", "primary IP is not assigned")
                }
                try HetznerState.checkStopped(try state.numbered(.servers, id))
                return state.begin("unassign_primary_ip", on: address.reference, now: now) { state, _ in
                    state.update(address.reference) { $0.body["assignee_id"] = .null }
                }
            },
            pointer(.primaryIPs),
        ]
    }

    /// `change_dns_ptr` of an address.
    func pointer(_ kind: HetznerKind) -> HetznerMethod {
        action("change_\(kind.singular)_dns_ptr", kind, "change_dns_ptr") { state, address, call, now in
            let (ip, name) = (try call.needText("ip"), try call.text("dns_ptr"))
            return state.begin("change_dns_ptr", on: address.reference, now: now) { state, _ in
                state.setPointer(of: address.reference, ip, name)
            }
        }
    }

    static func addressType(_ call: HetznerCall) throws -> String {
        let type = try call.needText("type")
        guard ["ipv4", "ipv6"].contains(type) else { throw HetznerError.invalid("type", "must be one of ipv4, ipv6") }
        return type
    }

    private static func makePrimaryIP(
        _ call: HetznerCall, _ state: inout HetznerState, _ now: Date
    ) throws -> SandboxAnswer {
        let name = try call.needText("name")
        try HetznerName.check(name, .primaryIPs)
        try state.checkName(.primaryIPs, name)
        let type = try addressType(call)
        let server = try call.number("assignee_id").map { try state.numbered(.servers, $0) }
        let asked = try call.body["location"].map { try state.named(.locations, $0, field: "location").id }
        let center = try call.body["datacenter"].map {
            try state.named(.datacenters, $0, field: "datacenter").links["location"] ?? 0
        }
        guard let location = asked ?? center ?? server?.links["location"] else {
            throw HetznerError.invalid("location", "is required")
        }
        let labels = try call.labels() ?? [:]
        let deleted = try call.flag("auto_delete") ?? false
        try state.checkLimit(.primaryIPs)
        let address = state.makeAddress(
            type, name: name, labels: labels, deleted: deleted, for: nil, at: location, now)
        guard let server, let made = state[address] else { return HetznerAPI.made(state, address, nil, now) }
        try state.checkAssignable(made, to: server)
        let action = state.begin("assign_primary_ip", on: address, server.reference, now: now) { state, _ in
            state.update(address) { $0.body["assignee_id"] = .int(Int64(server.id)) }
        }
        return HetznerAPI.made(state, address, action, now)
    }
}

extension HetznerState {
    fileprivate func checkAssignable(_ address: HetznerResource, to server: HetznerResource) throws {
        try HetznerState.checkStopped(server)
        guard address.body["assignee_id"] == .null else {
            throw HetznerError(422, "primary_ip_already_assigned", "primary IP is already assigned")
        }
        let type = address.text("type")
        let id = JSONValue.int(Int64(server.id))
        guard !all(.primaryIPs).contains(where: { $0.body["assignee_id"] == id && $0.text("type") == type }) else {
            throw HetznerError(422, "server_has_\(type)", "the server already has an \(type) address")
        }
        guard address.links["location"] == server.links["location"] else {
            throw HetznerError.invalid("assignee_id", "server is in another location")
        }
    }
}
