import Domain

/// A router with Cloud NAT, by which machines without an address of their own reach the internet.
struct NATGateway: EnsuredResource {
    static let kind = ResourceKind.router
    static let action = "gcp.nat-ensure"
    static let summary = "Lets machines without an address of their own reach the internet (Cloud NAT)"

    private let name: String
    private let pool: String
    private let network: String
    private let region: String?
    private let leastPorts: Int

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the router, and of its NAT gateway")
        pool = input.pool()
        network = input.text("network", "Name of its network", pattern: CloudName.resource)
        region = input.region()
        leastPorts = input.integer(
            "min_ports_per_vm", "Connections that each machine may have to one place at the least", in: 64...65_536,
            default: 64)
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let link = "projects/\(defaults.project)/global/networks/\(network)"
        let gateway: [String: JSONValue] = [
            "name": .string(name), "natIpAllocateOption": "AUTO_ONLY", "minPortsPerVm": .int(Int64(leastPorts)),
            "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
        ]
        return ResourceWish(
            kind: NATGateway.kind, project: defaults.project, place: try defaults.region(region), name: name,
            pool: pool, body: ["network": .string(link), "nats": [.object(gateway)]],
            fields: [
                WantedField(
                    name: "network", wanted: .string(link), present: Field.link("network"), change: .replacement()),
                gatewayField(gateway),
            ])
    }

    /// Others' gateways on the router stay.
    private func gatewayField(_ wanted: [String: JSONValue]) -> WantedField {
        let name = JSONValue.string(name)
        return WantedField(
            name: "nat", wanted: .object(wanted),
            present: { resource in
                let there = resource["nats"]?.arrayValue?.first { $0["name"] == name }
                return .object((there?.objectValue ?? [:]).filter { wanted[$0.key] != nil })
            },
            change: .call { resource, path in
                let others = (resource["nats"]?.arrayValue ?? []).filter { $0["name"] != name }
                return GoogleCall(.compute, "PATCH", path, body: ["nats": .array(others + [.object(wanted)])])
            })
    }
}
