import Domain

extension HetznerAPI {
    var serviceMethods: [HetznerMethod] {
        [
            action("add_load_balancer_service", .loadBalancers, "add_service") { state, balancer, call, now in
                let service = try HetznerService.read(.object(call.body), of: balancer, state)
                // It is checked now and takes effect later.
                var tried = state
                try tried.put(service: service, in: balancer.reference)
                return state.begin("add_service", on: balancer.reference, now: now) { state, _ in
                    try state.put(service: service, in: balancer.reference)
                }
            },
            action("update_load_balancer_service", .loadBalancers, "update_service") { state, balancer, call, now in
                let port = try call.needNumber("listen_port")
                let old = try balancer.service(port)
                let service = try HetznerService.read(.object(call.body), of: balancer, state, old: old)
                return state.begin("update_service", on: balancer.reference, now: now) { state, _ in
                    state.update(balancer.reference) { balancer in
                        balancer.body["services"] = .array(
                            balancer.list("services").map { $0["listen_port"] == .int(Int64(port)) ? service : $0 })
                    }
                }
            },
            action("delete_load_balancer_service", .loadBalancers, "delete_service") { state, balancer, call, now in
                let port = try call.needNumber("listen_port")
                _ = try balancer.service(port)
                return state.begin("delete_service", on: balancer.reference, now: now) { state, _ in
                    state.update(balancer.reference) { balancer in
                        balancer.body["services"] = .array(
                            balancer.list("services").filter { $0["listen_port"] != .int(Int64(port)) })
                    }
                }
            },
        ]
    }
}

extension HetznerResource {
    /// A load balancer's service by the port on which it listens.
    fileprivate func service(_ port: Int) throws -> JSONValue {
        guard let service = list("services").first(where: { $0["listen_port"] == .int(Int64(port)) }) else {
            throw HetznerError.invalid("listen_port", "no service listens on port \(port)")
        }
        return service
    }
}

extension HetznerState {
    /// Throws when its port is taken, or the type allows no more.
    mutating func put(service: JSONValue, in balancer: HetznerReference) throws {
        guard let resource = self[balancer] else { return }
        let services = resource.list("services")
        guard !services.contains(where: { $0["listen_port"] == service["listen_port"] }) else {
            throw HetznerError(412, "source_port_already_used", "the source port is already in use")
        }
        let type = resources[.loadBalancerTypes]?[resource.links["load_balancer_type"] ?? 0]
        guard services.count < type?.number("max_services") ?? 0 else {
            throw HetznerError(403, "resource_limit_exceeded", "service limit of the load balancer's type exceeded")
        }
        update(balancer) { $0.body["services"] = .array(services + [service]) }
    }
}
