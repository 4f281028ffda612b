import Domain

/// A reserved IP address.
struct Address: EnsuredResource {
    enum AddressType: String, CaseIterable {
        case external = "EXTERNAL"
        case inside = "INTERNAL"
    }

    enum Tier: String, CaseIterable {
        case premium = "PREMIUM"
        case standard = "STANDARD"
    }

    static let kind = ResourceKind.address
    static let action = "gcp.address-ensure"
    static let summary = "Reserves an IP address"
    static let outputs: [ActionType.Output] = [.init("address", .text(nil), "The address itself, such as 203.0.113.7")]

    private let name: String
    private let pool: String
    private let isGlobal: Bool
    private let region: String?
    private let type: AddressType
    private let tier: Tier
    private let subnetwork: String?
    private let labels: [String: String]

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the address")
        pool = input.pool()
        isGlobal = input.flag("global", "Whether it is for load balancers of all regions")
        region = input.region()
        type =
            input.choice("type", "Seen from the internet, or inside only", of: AddressType.self, default: .external)
            ?? .external
        tier =
            input.choice("network_tier", "Quality of an external address", of: Tier.self, default: .premium) ?? .premium
        subnetwork = input.optionalText(
            "subnetwork", "Of an internal address: name of the subnetwork that it is in", pattern: CloudName.resource)
        labels = input.labels()
        if isGlobal, region != nil {
            input.report(
                "a global address has no region", field: "region", fix: "leave out one of 'global' and 'region'")
        }
        if subnetwork != nil, type == .external {
            input.report("an external address is in no subnetwork", field: "subnetwork", fix: "give type: INTERNAL")
        }
        if isGlobal, type == .inside {
            input.report("a global address is external", field: "type", fix: "leave out 'global'")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let place = isGlobal ? CloudPlace.global : try defaults.region(region)
        var body: [String: JSONValue] = ["addressType": .string(type.rawValue)]
        var fields = [
            WantedField(
                name: "addressType", wanted: .string(type.rawValue),
                present: Field.value("addressType", usual: "EXTERNAL"), change: .replacement())
        ]
        if type == .external {
            body["networkTier"] = .string(tier.rawValue)
            fields.append(
                WantedField(
                    name: "networkTier", wanted: .string(tier.rawValue),
                    present: Field.value("networkTier", usual: "PREMIUM"), change: .replacement()))
        }
        if let subnetwork {
            let link = "projects/\(defaults.project)/\(place.path)/subnetworks/\(subnetwork)"
            body["subnetwork"] = .string(link)
            fields.append(
                WantedField(
                    name: "subnetwork", wanted: .string(link), present: Field.link("subnetwork"), change: .replacement()
                ))
        }
        return ResourceWish(
            kind: Address.kind, project: defaults.project, place: place, name: name, pool: pool, body: body,
            fields: fields, labels: labels)
    }

    func outputs(of resource: JSONValue) -> [String: JSONValue] {
        ["address": resource["address"] ?? ""]
    }
}
