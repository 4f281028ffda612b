import Domain

/// A private network.
struct HetznerNetwork: HetznerResource {
    /// Subnets of one network (docs.hetzner.com/cloud/networks/faq).
    static let mostSubnets = 50

    /// A part of its range from which servers get their addresses.
    struct Subnet: Sendable, Hashable {
        enum Kind: String, CaseIterable {
            case cloud
            case server
        }

        let range: String
        let kind: Kind
        let zone: String?

        init(_ input: inout InputReader) {
            range = input.addressRange("range", "Its range within the network's, such as 10.40.0.0/24")
            kind = input.choice("type", "What is in it", of: Kind.self, default: .cloud) ?? .cloud
            zone = input.optionalText(
                "zone", "Its network zone; the settings' when it is left out", pattern: HetznerName.zone)
        }

        func json(_ settings: HetznerSettings) -> JSONValue {
            [
                "type": .string(kind.rawValue), "ip_range": .string(range),
                "network_zone": .string(zone ?? settings.networkZone),
            ]
        }
    }

    static let kind = HetznerKind.network
    static let summary = "Makes a private network, or adds the subnets that it lacks; takes none away"

    let identity: ThingIdentity
    private let range: String
    private let subnets: [Subnet]

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        range = input.addressRange("range", "All its addresses, such as 10.40.0.0/16; it can grow at its end later")
        subnets = input.sections(
            "subnets", "Its subnets: {range: 10.40.0.0/24, type: cloud, zone: eu-central}", atMost: Self.mostSubnets
        ) { Subnet(&$0) }
        guard let whole = AddressRange(range) else { return }
        for subnet in subnets where AddressRange(subnet.range).map({ !whole.holds($0) }) == true {
            input.report("subnet \(subnet.range) is not within \(range)", field: "subnets")
        }
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        ["ip_range": .string(range), "subnets": .array(subnets.map { $0.json(names.client.settings) })]
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        let (range, subnets, settings) = (range, subnets, names.client.settings)
        return [
            WantedField(
                name: "range", wanted: .string(range), present: Field.value("ip_range"),
                change: .call { thing, path in
                    // It may only grow, and at its end (docs.hetzner.cloud, change_ip_range).
                    guard let old = thing["ip_range"]?.stringValue.flatMap(AddressRange.init),
                        let new = AddressRange(range), new.first == old.first, new.holds(old)
                    else { return nil }
                    return .action("change_ip_range", of: path, ["ip_range": .string(range)])
                }),
            WantedField(
                name: "subnets", wanted: Field.sortedStrings(subnets.map(\.range)),
                present: { thing in
                    let there = Self.ranges(thing)
                    return Field.sortedStrings(subnets.map(\.range).filter(there.contains))
                },
                change: .call { thing, path in
                    let there = Self.ranges(thing)
                    let missing = subnets.first { !there.contains($0.range) }
                    return missing.map { .action("add_subnet", of: path, $0.json(settings)) }
                }),
        ]
    }

    private static func ranges(_ thing: JSONValue) -> [String] {
        (thing["subnets"]?.arrayValue ?? []).compactMap { $0["ip_range"]?.stringValue }
    }
}

extension InputReader {
    /// A range of IPv4 addresses.
    mutating func addressRange(_ name: String, _ help: String) -> String {
        let text = text(name, help)
        if !text.isEmpty, AddressRange(text) == nil {
            report("'\(text.prefix(80))' is no range of IPv4 addresses", field: name, fix: "such as 10.40.0.0/16")
        }
        return text
    }
}
