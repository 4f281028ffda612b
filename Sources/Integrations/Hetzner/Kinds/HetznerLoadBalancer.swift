import Domain

/// A load balancer with its services and targets.
struct HetznerLoadBalancer: HetznerResource {
    enum Algorithm: String, CaseIterable {
        case roundRobin = "round_robin"
        case leastConnections = "least_connections"
    }

    static let mostServices = 30
    static let mostTargets = 50

    static let kind = HetznerKind.loadBalancer
    static let summary = "Makes a load balancer, or changes its type, services and targets"
    static let outputs: [ActionType.Output] = [
        .init("ip", .text(nil), "Its public IPv4 address"),
        .init("private_ip", .text(nil), "Its address in its network; empty when it is in none"),
    ]

    let identity: ThingIdentity
    private let type: String
    private let location: String?
    private let algorithm: Algorithm
    private let network: String?
    private let address: String?
    private let services: [LoadBalancerService]
    private let targets: [LoadBalancerTarget]

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        type = input.text("type", "Such as lb11", pattern: HetznerName.type)
        location = input.location()
        algorithm =
            input.choice("algorithm", "How it chooses a target", of: Algorithm.self, default: .roundRobin)
            ?? .roundRobin
        network = input.reference("network", "Name of the network that it is in")
        address = input.optionalText("private_ip", "Its address in it; Hetzner's choice when left out")
        services = input.sections(
            "services", "Where it listens: {protocol: tcp, listen_port: 443, destination_port: 30443}",
            atMost: Self.mostServices
        ) { LoadBalancerService(&$0) }
        targets = input.sections(
            "targets", "Where it sends what comes: {label_selector: role=worker, use_private_ip: true}",
            atMost: Self.mostTargets
        ) { LoadBalancerTarget(&$0) }
        if let address, AddressRange("\(address)/32") == nil || network == nil {
            input.report("'private_ip' is no IPv4 address in a network", field: "private_ip")
        }
        if Set(services.map(\.listens)).count < services.count {
            input.report("two services listen on the same port", field: "services")
        }
    }

    /// Its network, services and targets follow, each by a call of its own that a crash may come between.
    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        [
            "load_balancer_type": .string(type), "location": .string(try names.client.location(location)),
            "algorithm": ["type": .string(algorithm.rawValue)],
        ]
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        let (type, algorithm) = (JSONValue.string(type), JSONValue.string(algorithm.rawValue))
        var fields = [
            WantedField(
                name: "type", wanted: type, present: Field.value("load_balancer_type.name"),
                change: .call { _, path in .action("change_type", of: path, ["load_balancer_type": type]) }),
            HetznerPlace.field(try names.client.location(location)),
            WantedField(
                name: "algorithm", wanted: algorithm, present: Field.value("algorithm.type"),
                change: .call { _, path in .action("change_algorithm", of: path, ["type": algorithm]) }),
        ]
        if let network { fields.append(try await networkField(network, names)) }
        fields.append(try await serviceField(names))
        fields.append(try await targetField(names))
        return fields
    }

    private func networkField(_ network: String, _ names: HetznerNames) async throws -> WantedField {
        let (id, address) = (try await names.known(.network, network), address)
        return WantedField(
            name: "network", wanted: .string([network, address].compactMap { $0 }.joined(separator: " ")),
            present: { thing in
                guard let id,
                    let there = (thing["private_net"]?.arrayValue ?? []).first(where: { $0["network"]?.intValue == id })
                else { return .null }
                return .string(address == nil ? network : "\(network) \(there["ip"]?.stringValue ?? "")")
            },
            change: .call { thing, path in
                guard let id, (thing["private_net"]?.arrayValue ?? []).isEmpty else { return nil }
                var body: [String: JSONValue] = ["network": .int(Int64(id))]
                if let address { body["ip"] = .string(address) }
                return .action("attach_to_network", of: path, .object(body))
            })
    }

    private func serviceField(_ names: HetznerNames) async throws -> WantedField {
        var ids: [String: Int] = [:]
        for name in Set(services.flatMap(\.certificates)) { ids[name] = try await names.known(.certificate, name) }
        let wanted = services.map { (port: $0.listens, json: $0.json(ids)) }
        @Sendable func present(_ thing: JSONValue) -> [Int: JSONValue] {
            let there = (thing["services"]?.arrayValue ?? []).compactMap { service in
                service["listen_port"]?.intValue.map { ($0, service) }
            }
            return Dictionary(there) { $1 }
        }
        @Sendable func isSame(_ there: JSONValue, _ wanted: JSONValue) -> Bool {
            LoadBalancerService.plain(there, like: wanted) == LoadBalancerService.plain(wanted, like: wanted)
        }
        return WantedField(
            name: "services", wanted: .array(wanted.sorted { $0.port < $1.port }.map(\.json)),
            present: { .array(present($0).sorted { $0.key < $1.key }.map(\.value)) },
            change: .call { thing, path in
                let there = present(thing)
                for (port, json) in wanted {
                    guard let old = there[port] else { return .action("add_service", of: path, json) }
                    if !isSame(old, json) { return .action("update_service", of: path, json) }
                }
                let extra = there.keys.sorted().first { port in !wanted.contains { $0.port == port } }
                return extra.map { .action("delete_service", of: path, ["listen_port": .int(Int64($0))]) }
            },
            isSame: { there, wanted in
                let (there, wanted) = (there.arrayValue ?? [], wanted.arrayValue ?? [])
                return there.count == wanted.count && zip(there, wanted).allSatisfy(isSame)
            },
            words: { there, wanted in
                func ports(_ value: JSONValue) -> String {
                    let ports = (value.arrayValue ?? []).compactMap { $0["listen_port"]?.intValue }
                    return ports.isEmpty ? "none" : ports.map { String($0) }.joined(separator: ", ")
                }
                let (old, new) = (ports(there), ports(wanted))
                return old == new ? "what is done on port \(new) changes" : "\(old) → \(new)"
            })
    }

    private func targetField(_ names: HetznerNames) async throws -> WantedField {
        var all: [JSONValue] = []
        for target in targets {
            var id: Int?
            if let server = target.server { id = try await names.known(.server, server) }
            all.append(target.json(id))
        }
        let wanted = all
        @Sendable func present(_ thing: JSONValue) -> [JSONValue] {
            (thing["targets"]?.arrayValue ?? []).map(LoadBalancerTarget.plain)
        }
        return WantedField(
            name: "targets", wanted: Field.sorted(wanted), present: { Field.sorted(present($0)) },
            change: .call { thing, path in
                let there = present(thing)
                // One that is to be reached in another way is taken away first.
                if let extra = there.first(where: { !wanted.contains($0) }) {
                    return .action("remove_target", of: path, LoadBalancerTarget.removal(extra))
                }
                return wanted.first { !there.contains($0) }.map { .action("add_target", of: path, $0) }
            },
            words: { there, wanted in
                func names(_ value: JSONValue) -> String {
                    let names = (value.arrayValue ?? []).map { target in
                        (target.at(path: "label_selector.selector") ?? target.at(path: "server.id")
                            ?? target.at(path: "ip.ip"))?.plainText ?? ""
                    }
                    return names.isEmpty ? "none" : names.joined(separator: "; ")
                }
                return "\(names(there)) → \(names(wanted))"
            })
    }

    func outputs(of thing: JSONValue) -> [String: JSONValue] {
        [
            "ip": thing.at(path: "public_net.ipv4.ip") ?? "", "private_ip": thing.at(path: "private_net.0.ip") ?? "",
        ]
    }

    func price(_ prices: HetznerPrices) -> String? { prices.words { prices.add(loadBalancer: type, to: &$0) } }
}
