import Domain

/// The address and ports of a regional network load balancer.
struct ForwardingRule: EnsuredResource {
    static let kind = ResourceKind.forwardingRule
    static let action = "gcp.forwarding-rule-ensure"
    static let summary = "Makes the forwarding rule of a regional network load balancer"
    static let outputs: [ActionType.Output] = [.init("address", .text(nil), "The address that it answers at")]

    private let name: String
    private let pool: String
    private let region: String?
    private let backend: String
    private let address: String?
    private let transport: Backend.TransportProtocol
    private let scheme: Backend.Scheme
    private let ports: [String]
    private let subnetwork: String?
    private let labels: [String: String]

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the rule")
        pool = input.pool()
        region = input.region()
        backend = input.text("backend", "Name of the backend service of the region", pattern: CloudName.resource)
        address = input.optionalText(
            "address", "Name of a reserved address of the region; Google takes one when left out",
            pattern: CloudName.resource)
        transport =
            input.choice("protocol", "As its backend service has it", of: Backend.TransportProtocol.self, default: .tcp)
            ?? .tcp
        scheme =
            input.choice("scheme", "As its backend service has it", of: Backend.Scheme.self, default: .external)
            ?? .external
        ports = input.texts("ports", "Up to five ports", each: CloudName.ports, "a port")
        subnetwork = input.optionalText(
            "subnetwork", "Of an internal one: name of the subnetwork that it is in", pattern: CloudName.resource)
        labels = input.labels()
        if ports.count > 5 { input.report("a rule takes up to five ports", field: "ports") }
        if !input.isGiven("ports") {
            input.report("input 'ports' is missing", field: "ports", fix: "such as [\"8545\"]")
        }
        if scheme == .inside, !input.isGiven("subnetwork") {
            input.report("input 'subnetwork' is missing", field: "subnetwork", fix: "an internal rule is in one")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let place = try defaults.region(region)
        let home = "projects/\(defaults.project)/\(place.path)"
        let service = "\(home)/backendServices/\(backend)"
        var body: [String: JSONValue] = [
            "backendService": .string(service), "IPProtocol": .string(transport.rawValue),
            "loadBalancingScheme": .string(scheme.rawValue), "ports": Field.strings(ports),
        ]
        // Where it has an address of its own, Google answers with the address itself, not with its name.
        if let address { body["IPAddress"] = .string("\(home)/addresses/\(address)") }
        if let subnetwork { body["subnetwork"] = .string("\(home)/subnetworks/\(subnetwork)") }
        return ResourceWish(
            kind: ForwardingRule.kind, project: defaults.project, place: place, name: name, pool: pool, body: body,
            fields: [
                WantedField(
                    name: "backendService", wanted: .string(service), present: Field.link("backendService"),
                    change: .replacement()),
                WantedField(
                    name: "protocol", wanted: .string(transport.rawValue), present: Field.value("IPProtocol"),
                    change: .replacement()),
                WantedField(
                    name: "scheme", wanted: .string(scheme.rawValue), present: Field.value("loadBalancingScheme"),
                    change: .replacement()),
                WantedField(
                    name: "ports", wanted: Field.sortedStrings(ports), present: Field.set("ports"),
                    change: .replacement()),
            ], labels: labels)
    }

    func outputs(of resource: JSONValue) -> [String: JSONValue] { ["address": resource["IPAddress"] ?? ""] }
}
