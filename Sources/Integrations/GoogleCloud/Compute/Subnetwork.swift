import Domain

/// A subnetwork, whose range can grow and whose secondary ranges can become more.
struct Subnetwork: EnsuredResource {
    static let kind = ResourceKind.subnetwork
    static let action = "gcp.subnetwork-ensure"
    static let summary = "Makes a subnetwork, lets its range grow, and adds secondary ranges"

    private let name: String
    private let pool: String
    private let network: String
    private let region: String?
    private let range: String
    private let secondaryRanges: [String: String]
    private let hasGoogleAccess: Bool

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the subnetwork")
        pool = input.pool()
        network = input.text("network", "Name of its network", pattern: CloudName.resource)
        region = input.region()
        range = input.text("range", "Its addresses, such as 10.10.0.0/20", pattern: CloudName.range)
        secondaryRanges = input.textMap(
            "secondary_ranges", "Ranges for pods and services by their names, such as pods: 10.20.0.0/14")
        hasGoogleAccess = input.flag(
            "private_google_access", "Whether machines without an address of their own reach Google's services",
            default: true)
        if !range.isEmpty, AddressRange(range) == nil {
            input.report("'\(range)' is no range of addresses", field: "range", fix: "such as 10.10.0.0/20")
        }
        for (name, range) in secondaryRanges.sorted(by: { $0.key < $1.key }) where AddressRange(range) == nil {
            input.report(
                "'\(range.prefix(40))' of '\(name.prefix(63))' is no range of addresses", field: "secondary_ranges",
                fix: "such as 10.20.0.0/14")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let link = "projects/\(defaults.project)/global/networks/\(network)"
        var body: [String: JSONValue] = [
            "network": .string(link), "ipCidrRange": .string(range), "privateIpGoogleAccess": .bool(hasGoogleAccess),
        ]
        if !secondaryRanges.isEmpty { body["secondaryIpRanges"] = .array(Subnetwork.items(secondaryRanges)) }
        return ResourceWish(
            kind: Subnetwork.kind, project: defaults.project, place: try defaults.region(region), name: name,
            pool: pool, body: body,
            fields: [
                WantedField(
                    name: "network", wanted: .string(link), present: Field.link("network"), change: .replacement()),
                rangeField, secondaryField, accessField,
            ])
    }

    private var rangeField: WantedField {
        WantedField(
            name: "ipCidrRange", wanted: .string(range), present: Field.value("ipCidrRange"),
            change: .call { [range] resource, path in
                // A range only grows around the one that is there.
                guard let there = resource["ipCidrRange"]?.stringValue.flatMap(AddressRange.init),
                    let wanted = AddressRange(range), wanted.holds(there)
                else { return nil }
                return GoogleCall(
                    .compute, "POST", "\(path)/expandIpCidrRange", body: ["ipCidrRange": .string(range)])
            })
    }

    /// Others' ranges stay: Kubernetes Engine adds some by itself.
    private var secondaryField: WantedField {
        let wanted = secondaryRanges
        return WantedField(
            name: "secondaryIpRanges", wanted: .object(wanted.mapValues(JSONValue.string)),
            present: { .object(Subnetwork.ranges($0).filter { wanted[$0.key] != nil }.mapValues(JSONValue.string)) },
            change: .call { resource, path in
                let there = Subnetwork.ranges(resource)
                guard wanted.allSatisfy({ there[$0.key] == nil || there[$0.key] == $0.value }) else { return nil }
                let present = resource["secondaryIpRanges"]?.arrayValue ?? []
                let missing = Subnetwork.items(wanted.filter { there[$0.key] == nil })
                var body: [String: JSONValue] = ["secondaryIpRanges": .array(present + missing)]
                body["fingerprint"] = resource["fingerprint"]
                return GoogleCall(.compute, "PATCH", path, body: .object(body))
            })
    }

    private var accessField: WantedField {
        let wanted = JSONValue.bool(hasGoogleAccess)
        return WantedField(
            name: "privateIpGoogleAccess", wanted: wanted,
            present: Field.value("privateIpGoogleAccess", usual: false),
            change: .call { _, path in
                GoogleCall(
                    .compute, "POST", "\(path)/setPrivateIpGoogleAccess", body: ["privateIpGoogleAccess": wanted])
            })
    }

    private static func ranges(_ resource: JSONValue) -> [String: String] {
        var found: [String: String] = [:]
        for item in resource["secondaryIpRanges"]?.arrayValue ?? [] {
            if let name = item["rangeName"]?.stringValue { found[name] = item["ipCidrRange"]?.stringValue ?? "" }
        }
        return found
    }

    private static func items(_ ranges: [String: String]) -> [JSONValue] {
        ranges.sorted { $0.key < $1.key }.map {
            ["rangeName": .string($0.key), "ipCidrRange": .string($0.value)]
        }
    }
}
