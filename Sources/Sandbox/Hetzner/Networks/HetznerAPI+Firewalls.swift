import Domain
import Foundation

extension HetznerAPI {
    /// Rules of one firewall.
    private static let mostRules = 50

    var firewallMethods: [HetznerMethod] {
        readsAndUpdate(.firewalls) + [
            HetznerMethod("create_firewall", "POST", "firewalls") { call in
                try world.change { state, now in try HetznerAPI.makeFirewall(call, &state, now) }
            },
            deletion(.firewalls) { _, firewall in
                guard firewall.list("applied_to").isEmpty else {
                    throw HetznerError(422, "resource_in_use", "firewall is still applied to a resource")
                }
            },
            firewallAction("set_firewall_rules", "set_rules") { state, firewall, call, now in
                let rules = try HetznerAPI.rules(try call.needList("rules"))
                return [
                    state.begin("set_firewall_rules", on: firewall.reference, now: now) { state, _ in
                        state.update(firewall.reference) { $0.body["rules"] = .array(rules) }
                    }
                ] + state.applyRules(of: firewall, now: now)
            },
            firewallAction("apply_firewall_to_resources", "apply_to_resources") { state, firewall, call, now in
                let targets = try call.needList("apply_to").map { try state.application($0) }
                guard !targets.contains(where: firewall.list("applied_to").contains) else {
                    throw HetznerError(422, "firewall_already_applied", "firewall is already applied to resource")
                }
                return targets.map { target in
                    state.begin("apply_firewall", on: firewall.reference, now: now) { state, _ in
                        state.update(firewall.reference) { firewall in
                            firewall.body["applied_to"] = .array(firewall.list("applied_to") + [target])
                        }
                    }
                }
            },
            firewallAction("remove_firewall_from_resources", "remove_from_resources") { state, firewall, call, now in
                let targets = try call.needList("remove_from").map { try state.application($0) }
                guard targets.allSatisfy(firewall.list("applied_to").contains) else {
                    throw HetznerError(
                        404, "firewall_resource_not_found",
                        "the resource the firewall should be removed from was not found")
                }
                return targets.map { target in
                    state.begin("remove_firewall", on: firewall.reference, now: now) { state, _ in
                        state.update(firewall.reference) { firewall in
                            firewall.body["applied_to"] = .array(firewall.list("applied_to").filter { $0 != target })
                        }
                    }
                }
            },
        ]
    }

    /// Changes of firewalls answer with several actions.
    private func firewallAction(
        _ id: String, _ path: String,
        _ body: @escaping @Sendable (inout HetznerState, HetznerResource, HetznerCall, Date) throws -> [HetznerAction]
    ) -> HetznerMethod {
        HetznerMethod(id, "POST", "firewalls/{id}/actions/\(path)") { call in
            try world.change { state, now in
                let firewall = try state.free(.firewalls, call.id)
                let actions = try body(&state, firewall, call, now)
                return .json(201, ["actions": .array(actions.map { $0.json(now) })])
            }
        }
    }

    private static func makeFirewall(
        _ call: HetznerCall, _ state: inout HetznerState, _ now: Date
    ) throws -> SandboxAnswer {
        let name = try call.needText("name")
        try HetznerName.check(name, .firewalls)
        try state.checkName(.firewalls, name)
        let rules = try rules(try call.list("rules") ?? [])
        let targets = try (call.list("apply_to") ?? []).map { try state.application($0) }
        let labels = try call.labels() ?? [:]
        try state.checkLimit(.firewalls)
        let firewall = state.add(
            .firewalls,
            [
                "name": .string(name), "labels": labels, "rules": .array(rules), "applied_to": .array(targets),
            ], now)
        var actions: [HetznerAction] = []
        if !rules.isEmpty { actions.append(state.begin("set_firewall_rules", on: firewall, now: now)) }
        for _ in targets { actions.append(state.begin("apply_firewall", on: firewall, now: now)) }
        return made(state, firewall, nil, now, ["actions": .array(actions.map { $0.json(now) })])
    }

    private static func rules(_ values: [JSONValue]) throws -> [JSONValue] {
        guard values.count <= mostRules else {
            throw HetznerError.invalid("rules", "must be at most \(mostRules) items")
        }
        return try values.enumerated().map { index, value in
            func refuse(_ member: String, _ why: String) -> HetznerError {
                HetznerError.invalid("rules.\(index).\(member)", why)
            }
            let direction = value["direction"]?.stringValue ?? ""
            guard ["in", "out"].contains(direction) else { throw refuse("direction", "must be one of in, out") }
            let proto = value["protocol"]?.stringValue ?? ""
            guard ["tcp", "udp", "icmp", "esp", "gre"].contains(proto) else {
                throw refuse("protocol", "must be one of tcp, udp, icmp, esp, gre")
            }
            let port = value["port"]?.stringValue
            if ["tcp", "udp"].contains(proto) {
                guard let port, port == "any" || isPorts(port) else {
                    throw refuse("port", "must be a port or a range of ports")
                }
            } else if port != nil {
                throw refuse("port", "must not be given for \(proto)")
            }
            let (own, other) = direction == "in" ? ("source_ips", "destination_ips") : ("destination_ips", "source_ips")
            let ranges = value[own]?.arrayValue ?? []
            guard !ranges.isEmpty, value[other]?.arrayValue?.isEmpty ?? true else {
                throw refuse(own, "must hold at least one range, and only it")
            }
            for range in ranges {
                let text = range.stringValue ?? ""
                guard text.contains("/"), text.contains(":") || IPv4Range(text) != nil else {
                    throw refuse(own, "'\(range.plainText)' is no valid IP range")
                }
            }
            return [
                "direction": .string(direction), "protocol": .string(proto),
                "port": port.map { .string($0) } ?? .null, own: .array(ranges), other: [],
                "description": value["description"] ?? .null,
            ]
        }
    }

    private static func isPorts(_ text: String) -> Bool {
        let ports = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        return ports.count <= 2 && ports.allSatisfy { (1...65535).contains($0) } && ports.first ?? 0 <= ports.last ?? 0
    }
}

extension HetznerState {
    /// To what a firewall is to be applied, as it is kept.
    fileprivate func application(_ value: JSONValue) throws -> JSONValue {
        switch value["type"]?.stringValue {
        case "server":
            guard let id = value.at(path: "server.id")?.intValue, resources[.servers]?[id] != nil else {
                throw HetznerError(
                    422, "firewall_resource_not_found", "the resource the firewall should be applied to was not found")
            }
            return ["type": "server", "server": ["id": .int(Int64(id))]]
        case "label_selector":
            let text = value.at(path: "label_selector.selector")?.stringValue ?? ""
            _ = try HetznerPage.selector(text, field: "selector")
            return ["type": "label_selector", "label_selector": ["selector": .string(text)]]
        default: throw HetznerError.invalid("type", "must be one of server, label_selector")
        }
    }

    /// Puts a firewall before a new server.
    mutating func apply(_ firewall: HetznerReference, to server: HetznerReference) {
        update(firewall) { firewall in
            firewall.body["applied_to"] = .array(
                firewall.list("applied_to") + [["type": "server", "server": ["id": .int(Int64(server.id))]]])
        }
    }

    /// New rules come to all that has the firewall.
    fileprivate mutating func applyRules(of firewall: HetznerResource, now: Date) -> [HetznerAction] {
        firewall.list("applied_to").map { _ in begin("apply_firewall", on: firewall.reference, now: now) }
    }

    /// Whether a firewall is before a server.
    func applies(_ firewall: HetznerResource, to server: HetznerResource) -> Bool {
        firewall.list("applied_to").contains { servers(of: $0).contains(server.id) }
    }

    /// A firewall's resource with the servers that its selector finds.
    func shown(application: JSONValue) -> JSONValue {
        guard application["type"] == "label_selector", var members = application.objectValue else { return application }
        members["applied_to_resources"] = .array(
            servers(of: application).map { ["type": "server", "server": ["id": .int(Int64($0))]] })
        return .object(members)
    }

    /// Servers that `{"server": …}` or `{"label_selector": …}` means.
    func servers(of target: JSONValue) -> [Int] {
        if let id = target.at(path: "server.id")?.intValue { return [id] }
        guard let text = target.at(path: "label_selector.selector")?.stringValue,
            // It was checked when it came.
            let selector = try? LabelSelector(text)
        else { return [] }
        return all(.servers).filter { selector.matches($0.labels) }.map(\.id)
    }
}
