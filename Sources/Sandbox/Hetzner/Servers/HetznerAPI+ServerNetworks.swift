import Domain
import Foundation

extension HetznerAPI {
    var serverNetworkMethods: [HetznerMethod] {
        [
            action("attach_server_to_network", .servers, "attach_to_network") { state, server, call, now in
                let network = try state.numbered(.networks, try call.needNumber("network"))
                try state.checkFree(network.reference)
                guard !HetznerState.isAttached(server, to: network.id) else {
                    throw HetznerError(422, "server_already_attached", "server is already attached to the network")
                }
                let zone = state.zone(of: server)
                let address = try state.address(try call.text("ip"), in: network, zone: zone)
                return state.begin("attach_to_network", on: server.reference, network.reference, now: now) { state, _ in
                    state.attach(server.reference, to: network.id, address: address)
                }
            },
            action("detach_server_from_network", .servers, "detach_from_network") { state, server, call, now in
                let network = try state.numbered(.networks, try call.needNumber("network"))
                guard HetznerState.isAttached(server, to: network.id) else {
                    throw HetznerError.invalid("network", "server is not attached to the network")
                }
                return state.begin("detach_from_network", on: server.reference, network.reference, now: now) {
                    state, _ in state.detach(server.reference, from: network.id)
                }
            },
            action("change_server_alias_ips", .servers, "change_alias_ips") { state, server, call, now in
                let network = try call.needNumber("network")
                let aliases = try call.needList("alias_ips")
                return state.begin("change_alias_ips", on: server.reference, now: now) { state, _ in
                    state.update(server.reference) { server in
                        server.body["private_net"] = .array(
                            server.list("private_net").map { entry in
                                guard entry["network"] == .int(Int64(network)), var entry = entry.objectValue else {
                                    return entry
                                }
                                entry["alias_ips"] = .array(aliases)
                                return .object(entry)
                            })
                    }
                }
            },
            action("change_server_dns_ptr", .servers, "change_dns_ptr") { state, server, call, now in
                let address = try call.needText("ip")
                let name = try call.text("dns_ptr")
                let id = JSONValue.int(Int64(server.id))
                guard
                    let owner = state.all(.primaryIPs).first(where: {
                        $0.body["assignee_id"] == id && $0.text("ip") == address
                    })
                else { throw HetznerError.invalid("ip", "is no address of the server") }
                return state.begin("change_dns_ptr", on: server.reference, now: now) { state, _ in
                    state.setPointer(of: owner.reference, address, name)
                }
            },
        ]
    }
}

extension HetznerState {
    /// `eu-central`.
    func zone(of resource: HetznerResource) -> String {
        resources[.locations]?[resource.links["location"] ?? 0]?.text("network_zone") ?? ""
    }

    /// Puts an interface in a network.
    mutating func attach(_ reference: HetznerReference, to network: Int, address: String) {
        let number = newID()
        update(reference) { resource in
            var entry: [String: JSONValue] = ["network": .int(Int64(network)), "ip": .string(address)]
            if reference.kind == .servers {
                entry["alias_ips"] = []
                let hex = String(number, radix: 16)
                let digits = String(repeating: "0", count: max(6 - hex.count, 0)) + hex
                let pairs = stride(from: 0, to: 6, by: 2).map { String(digits.dropFirst($0).prefix(2)) }
                entry["mac_address"] = .string("86:00:00:" + pairs.joined(separator: ":"))
            }
            resource.body["private_net"] = .array(resource.list("private_net") + [.object(entry)])
        }
    }

    mutating func detach(_ reference: HetznerReference, from network: Int) {
        update(reference) { resource in
            resource.body["private_net"] = .array(
                resource.list("private_net").filter { $0["network"] != .int(Int64(network)) })
        }
    }
}
