import Domain

extension HetznerAPI {
    var targetMethods: [HetznerMethod] {
        [
            action("add_load_balancer_target", .loadBalancers, "add_target") { state, balancer, call, now in
                let target = try state.target(.object(call.body), of: balancer)
                return state.begin("add_target", on: balancer.reference, now: now) { state, _ in
                    state.update(balancer.reference) { $0.body["targets"] = .array($0.list("targets") + [target]) }
                }
            },
            action("remove_load_balancer_target", .loadBalancers, "remove_target") { state, balancer, call, now in
                let wanted = HetznerState.key(ofTarget: .object(call.body))
                guard balancer.list("targets").contains(where: { HetznerState.key(ofTarget: $0) == wanted }) else {
                    throw HetznerError.invalid("target", "is no target of the load balancer")
                }
                return state.begin("remove_target", on: balancer.reference, now: now) { state, _ in
                    state.update(balancer.reference) { balancer in
                        balancer.body["targets"] = .array(
                            balancer.list("targets").filter { HetznerState.key(ofTarget: $0) != wanted })
                    }
                }
            },
        ]
    }
}

extension HetznerState {
    /// What tells targets apart: type, and what it names.
    fileprivate static func key(ofTarget target: JSONValue) -> String {
        let type = target["type"]?.stringValue ?? ""
        let what =
            target.at(path: "server.id") ?? target.at(path: "label_selector.selector") ?? target.at(path: "ip.ip")
        return "\(type) \(what?.plainText ?? "")"
    }

    /// A target as it is kept. Throws what Hetzner refuses it with.
    func target(_ value: JSONValue, of balancer: HetznerResource) throws -> JSONValue {
        let isInside = value["use_private_ip"]?.boolValue ?? false
        let network = balancer.list("private_net").first?["network"]?.intValue
        guard !isInside || network != nil else {
            throw HetznerError(
                422, "load_balancer_not_attached_to_network", "load balancer is not attached to a network")
        }
        let target: JSONValue
        switch value["type"]?.stringValue {
        case "server":
            let server = try numbered(.servers, value.at(path: "server.id")?.intValue ?? 0)
            guard !isInside || HetznerState.isAttached(server, to: network ?? 0) else {
                throw HetznerError(
                    422, "resolve_cloud_private_targets_error",
                    "the server is not attached to the same network as the load balancer")
            }
            target = [
                "type": "server", "server": ["id": .int(Int64(server.id))], "use_private_ip": .bool(isInside),
            ]
        case "label_selector":
            let text = value.at(path: "label_selector.selector")?.stringValue ?? ""
            _ = try HetznerPage.selector(text, field: "selector")
            target = [
                "type": "label_selector", "label_selector": ["selector": .string(text)],
                "use_private_ip": .bool(isInside),
            ]
        case "ip":
            // Only addresses of dedicated servers may be targets; a project has none.
            throw HetznerError(422, "ip_not_owned", "the IP is not owned by the owner of the project")
        default: throw HetznerError.invalid("type", "must be one of server, label_selector, ip")
        }
        let known = balancer.list("targets")
        guard !known.contains(where: { HetznerState.key(ofTarget: $0) == HetznerState.key(ofTarget: target) }) else {
            throw HetznerError(422, "target_already_defined", "the load balancer target is already defined")
        }
        let type = resources[.loadBalancerTypes]?[balancer.links["load_balancer_type"] ?? 0]
        guard known.count < type?.number("max_targets") ?? 0 else {
            throw HetznerError(403, "resource_limit_exceeded", "target limit of the load balancer's type exceeded")
        }
        return target
    }

    /// A target with the health of each service; a selector's with the servers that it finds.
    func shown(target: JSONValue, of balancer: HetznerResource) -> JSONValue {
        guard var members = target.objectValue else { return target }
        guard target["type"] == "label_selector" else {
            members["health_status"] = health(of: target.at(path: "server.id")?.intValue ?? 0, by: balancer)
            return .object(members)
        }
        let isInside = target["use_private_ip"] == true
        let network = balancer.list("private_net").first?["network"]?.intValue ?? 0
        let servers = servers(of: target).compactMap { resources[.servers]?[$0] }
            .filter { !isInside || HetznerState.isAttached($0, to: network) }
        members["targets"] = .array(
            servers.map { server in
                [
                    "type": "server", "server": ["id": .int(Int64(server.id))], "use_private_ip": .bool(isInside),
                    "health_status": health(of: server.id, by: balancer),
                ]
            })
        return .object(members)
    }

    private func health(of server: Int, by balancer: HetznerResource) -> JSONValue {
        let isWell = resources[.servers]?[server]?.status == "running" && !sick.contains(server)
        return .array(
            balancer.list("services").map { service in
                ["listen_port": service["listen_port"] ?? 0, "status": isWell ? "healthy" : "unhealthy"]
            })
    }
}
