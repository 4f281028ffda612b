import Domain

extension HetznerState {
    /// A thing as the API shows it, with what others have to do with it.
    func shown(_ resource: HetznerResource) -> JSONValue {
        var body = resource.body
        for (member, id) in resource.links {
            guard let kind = HetznerState.kind(ofLink: member) else { continue }
            body[member] = (resources[kind]?[id]).map(shown) ?? .null
        }
        switch resource.kind {
        case .servers: show(server: resource, &body)
        case .networks:
            body["servers"] = ids(.servers) { HetznerState.isAttached($0, to: resource.id) }
            body["load_balancers"] = ids(.loadBalancers) { HetznerState.isAttached($0, to: resource.id) }
        case .placementGroups:
            body["servers"] = ids(.servers) { $0.links["placement_group"] == resource.id }
        case .firewalls: body["applied_to"] = .array(resource.list("applied_to").map(shown(application:)))
        case .certificates:
            let users = all(.loadBalancers).filter { balancer in
                balancer.list("services").contains {
                    $0.at(path: "http.certificates")?.arrayValue?.contains(.int(Int64(resource.id))) == true
                }
            }
            body["used_by"] = .array(users.map { ["id": .int(Int64($0.id)), "type": "load_balancer"] })
        case .loadBalancers: body["targets"] = .array(resource.list("targets").map { shown(target: $0, of: resource) })
        case .zones: body["record_count"] = .int(Int64(recordCount(of: resource.id)))
        case .serverTypes: body["locations"] = .array(all(.locations).map { place(of: resource, $0) })
        case .datacenters:
            let types = all(.serverTypes).map { JSONValue.int(Int64($0.id)) }
            let isOut = failures.exhausted.contains(resources[.locations]?[resource.links["location"] ?? 0]?.name ?? "")
            body["server_types"] = [
                "supported": .array(types), "available": .array(isOut ? [] : types),
                "available_for_migration": .array(isOut ? [] : types),
            ]
        case .primaryIPs:
            body["datacenter"] = datacenter(of: resource.links["location"])
        default: break
        }
        return .object(body)
    }

    private static func kind(ofLink member: String) -> HetznerKind? {
        switch member {
        case "location", "home_location": .locations
        case "server_type": .serverTypes
        case "load_balancer_type": .loadBalancerTypes
        case "image": .images
        case "placement_group": .placementGroups
        default: nil
        }
    }

    private func show(server: HetznerResource, _ body: inout [String: JSONValue]) {
        let id = JSONValue.int(Int64(server.id))
        body["locked"] = .bool(isBusy(server.reference))
        body["datacenter"] = datacenter(of: server.links["location"])
        body["volumes"] = ids(.volumes) { $0.body["server"] == id }
        body["load_balancers"] = ids(.loadBalancers) { balancer in
            balancer.list("targets").contains { servers(of: $0).contains(server.id) }
        }
        let addresses = all(.primaryIPs).filter { $0.body["assignee_id"] == id }
        func interface(_ type: String) -> JSONValue {
            guard let address = addresses.first(where: { $0.text("type") == type }) else { return .null }
            return [
                "id": .int(Int64(address.id)), "ip": address.body["ip"] ?? .null, "blocked": false,
                "dns_ptr": type == "ipv4" ? address.list("dns_ptr").first?["dns_ptr"] ?? "" : [],
            ]
        }
        body["public_net"] = [
            "ipv4": interface("ipv4"), "ipv6": interface("ipv6"),
            "floating_ips": ids(.floatingIPs) { $0.body["server"] == id },
            "firewalls": .array(
                all(.firewalls).filter { applies($0, to: server) }
                    .map { ["id": .int(Int64($0.id)), "status": "applied"] }),
        ]
    }

    private func datacenter(of location: Int?) -> JSONValue {
        all(.datacenters).first { $0.links["location"] == location }.map(shown) ?? .null
    }

    private func place(of type: HetznerResource, _ location: HetznerResource) -> JSONValue {
        [
            "id": .int(Int64(location.id)), "name": .string(location.name), "deprecation": .null,
            "recommended": .bool(location.id == 1),
            "available": .bool(!failures.exhausted.contains(location.name)),
        ]
    }

    private func ids(_ kind: HetznerKind, _ isIn: (HetznerResource) -> Bool) -> JSONValue {
        .array(all(kind).filter(isIn).map { .int(Int64($0.id)) })
    }

    static func isAttached(_ resource: HetznerResource, to network: Int) -> Bool {
        resource.list("private_net").contains { $0["network"] == .int(Int64(network)) }
    }
}
