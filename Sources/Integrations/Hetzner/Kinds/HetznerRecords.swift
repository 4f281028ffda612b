import Domain

/// The records of one name and type in a DNS zone.
struct HetznerRecords: HetznerResource {
    enum Kind: String, CaseIterable {
        case a = "A"
        case aaaa = "AAAA"
        case caa = "CAA"
        case cname = "CNAME"
        case mx = "MX"
        case txt = "TXT"
    }

    /// Values of one set.
    static let mostValues = 100

    static let kind = HetznerKind.records
    static let summary = "Makes the records of one name in a DNS zone, or changes their values"
    static let outputs: [ActionType.Output] = [.init("values", .list(.text(nil)), "Their values")]

    let identity: ThingIdentity
    private let zone: String
    /// Below the zone; `@` is the zone itself.
    private let name: String
    private let type: Kind
    private let values: [String]
    private let ttl: Duration

    init(_ input: inout InputReader) {
        zone = input.text("zone", "Name of the zone, such as example.com", pattern: HetznerName.domain)
        let given = input.text(
            "name", "Their name below the zone, such as api, @ for the zone itself, or the whole name",
            pattern: HetznerName.record)
        name = Self.relative(given, zone)
        type = input.choice("type", "Type of the records", of: Kind.self, default: .a) ?? .a
        values = input.texts("values", "Their values, such as addresses", isRequired: true)
        ttl = input.duration("ttl", "How long others may remember them, at least 60s", default: .seconds(300))
        identity = ThingIdentity(name: "\(name)-\(type.rawValue)", pool: input.pool(), labels: input.labels())
        if !HetznerZone.times.contains(ttl) { input.report("'ttl' must be at least 60s", field: "ttl") }
        if values.count > Self.mostValues { input.report("'values' are at most \(Self.mostValues)", field: "values") }
        if type == .cname, values.count > 1 { input.report("a CNAME has one value", field: "values") }
        for value in values where type == .a && AddressRange("\(value)/32") == nil {
            input.report("'\(value.prefix(80))' is no IPv4 address", field: "values", fix: "such as 192.0.2.10")
        }
    }

    /// Hetzner takes no whole name (docs.hetzner.cloud, Zone RRSets).
    private static func relative(_ given: String, _ zone: String) -> String {
        var name = given.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if name == zone { return "@" }
        return name.hasSuffix("." + zone) ? String(name.dropLast(zone.count + 1)) : name
    }

    var title: String { "DNS records \(name == "@" ? zone : "\(name).\(zone)") \(type.rawValue)" }
    var collection: String { "zones/\(zone)/rrsets" }
    func path(of thing: JSONValue) -> String { "\(collection)/\(name)/\(type.rawValue)" }

    func read(_ client: HetznerClient) async throws -> JSONValue? {
        try await client.find(HetznerCall("GET", path(of: .null)))?["rrset"]
    }

    private var records: JSONValue { .array(values.map { ["value": .string(written($0))] }) }

    /// Texts stand in quotes, names end with a dot.
    private func written(_ value: String) -> String {
        switch type {
        case .txt where !value.hasPrefix("\""):
            "\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        case .cname, .mx: value.hasSuffix(".") ? value : value + "."
        default: value
        }
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        guard !values.isEmpty else { throw ActionError("\(title) are to have no value") }
        return [
            "name": .string(name), "type": .string(type.rawValue), "ttl": .int(ttl.milliseconds / 1000),
            "records": records,
        ]
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        let (records, seconds) = (records, JSONValue.int(ttl.milliseconds / 1000))
        return [
            WantedField(
                name: "values", wanted: Field.sortedStrings(values.map(written)),
                present: { thing in
                    Field.sorted((thing["records"]?.arrayValue ?? []).map { $0["value"] ?? .null })
                },
                change: .call { _, path in .action("set_records", of: path, ["records": records]) }),
            WantedField(
                name: "ttl", wanted: seconds, present: Field.value("ttl"),
                change: .call { _, path in .action("change_ttl", of: path, ["ttl": seconds]) }),
        ]
    }

    func outputs(of thing: JSONValue) -> [String: JSONValue] { ["values": Field.strings(values)] }
}
