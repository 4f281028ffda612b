import Domain

/// A VPC network whose subnetworks are made one by one.
struct Network: EnsuredResource {
    enum RoutingMode: String, CaseIterable {
        case regional = "REGIONAL"
        case global = "GLOBAL"
    }

    static let kind = ResourceKind.network
    static let action = "gcp.network-ensure"
    static let summary = "Makes a VPC network, without subnetworks, or changes how it routes"

    private let name: String
    private let pool: String
    private let routingMode: RoutingMode
    private let mtu: Int?

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the network")
        pool = input.pool()
        routingMode =
            input.choice(
                "routing_mode", "Whether routes are known in one region or in all", of: RoutingMode.self,
                default: .regional) ?? .regional
        mtu = input.optionalInteger(
            "mtu", "Largest packet in bytes; Google's usual 1460 when left out", in: 1300...8896)
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let routing: JSONValue = ["routingMode": .string(routingMode.rawValue)]
        var body: [String: JSONValue] = ["autoCreateSubnetworks": false, "routingConfig": routing]
        var fields = [
            WantedField(
                name: "autoCreateSubnetworks", wanted: false,
                present: Field.value("autoCreateSubnetworks", usual: false),
                change: .replacement(hint: "gcloud compute networks update \(name) --switch-to-custom-subnet-mode")),
            WantedField(
                name: "routingMode", wanted: .string(routingMode.rawValue),
                present: Field.value("routingConfig.routingMode"), change: .patch(member: "routingConfig")),
        ]
        if let mtu {
            body["mtu"] = .int(Int64(mtu))
            fields.append(
                WantedField(
                    name: "mtu", wanted: .int(Int64(mtu)), present: Field.value("mtu", usual: 1460),
                    change: .replacement(
                        hint: "stop all that is in it, then: gcloud compute networks update \(name) --mtu=\(mtu)")))
        }
        return ResourceWish(
            kind: Network.kind, project: defaults.project, place: .global, name: name, pool: pool, body: body,
            fields: fields)
    }
}
