import Domain

/// A record set as it is wanted.
struct DNSRecordWish: Sendable {
    enum Kind: String, CaseIterable {
        case a = "A"
        case aaaa = "AAAA"
        case caa = "CAA"
        case cname = "CNAME"
        case mx = "MX"
        case txt = "TXT"
    }

    static let times = Duration.seconds(5)...Duration.seconds(7 * 86_400)
    /// Values of one record set.
    static let mostValues = 100

    // The texts are constant and compile, which a test shows; without a pattern Google itself refuses a wrong name.
    private static let pattern = try? Pattern(
        "(\\*\\.)?([A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?\\.)+[A-Za-z0-9-]{2,63}\\.?")

    let zone: String
    /// With the dot at its end, in lower case.
    let name: String
    let type: Kind
    let ttl: Duration
    let values: [String]
    let pool: String
    let adopts: Bool

    init(_ input: inout InputReader) {
        zone = input.text("zone", "Name of the zone in Cloud DNS, such as example-com", pattern: CloudName.resource)
        let given = input.text("name", "The whole name, such as rpc.example.com", pattern: DNSRecordWish.pattern)
        name = given.lowercased() + (given.hasSuffix(".") ? "" : ".")
        type = input.choice("type", "Type of the records", of: Kind.self, default: .a) ?? .a
        values = input.texts("values", "Its values, such as addresses", isRequired: true)
        ttl = input.duration("ttl", "How long others may remember it, 5s to 7d", default: .seconds(300))
        pool = input.pool()
        adopts = input.flag("adopt", "Take over a record that is there with other values and is not the bot's")
        if !DNSRecordWish.times.contains(ttl) { input.report("'ttl' must be from 5s to 7d", field: "ttl") }
        if values.count > DNSRecordWish.mostValues {
            input.report("'values' are at most \(DNSRecordWish.mostValues)", field: "values")
        }
        if type == .cname, values.count > 1 { input.report("a CNAME has one value", field: "values") }
        if type == .a {
            for value in values where AddressRange("\(value)/32") == nil {
                input.report(
                    "'\(value.prefix(80))' is no IPv4 address", field: "values", fix: "such as 192.0.2.10")
            }
        }
    }

    var title: String { "DNS record \(name) \(type.rawValue)" }
    var shown: String { "\(values.joined(separator: ", ")) for \(DurationText.human(ttl))" }

    func zonePath(_ client: GoogleCloudClient) -> String { "projects/\(client.project)/managedZones/\(zone)" }

    /// Where the ledger keeps that it is ours: a record has no place for a mark.
    func key(_ client: GoogleCloudClient) -> String {
        PoolMark.adoptionKey("\(zonePath(client))/rrsets/\(name)/\(type.rawValue)")
    }

    private var seconds: Int64 { ttl.milliseconds / 1000 }

    var json: JSONValue {
        [
            "name": .string(name), "type": .string(type.rawValue), "ttl": .int(seconds),
            "rrdatas": Field.strings(values.map(written)),
        ]
    }

    /// Texts stand in quotes, names end with a dot.
    private func written(_ value: String) -> String {
        switch type {
        case .txt where !value.hasPrefix("\""):
            "\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        case .cname, .mx: value.hasSuffix(".") ? value : value + "."
        default: value
        }
    }

    func isSame(_ there: JSONValue) -> Bool {
        there["ttl"] == .int(seconds)
            && Field.sorted(there["rrdatas"]?.arrayValue ?? []) == Field.sorted(json["rrdatas"]?.arrayValue ?? [])
    }

    /// How it differs, for people.
    func lines(_ there: JSONValue) -> [String] {
        var lines: [String] = []
        let (old, new) = (there["rrdatas"] ?? [], json["rrdatas"] ?? [])
        if Field.sorted(old.arrayValue ?? []) != Field.sorted(new.arrayValue ?? []) {
            lines.append("values: \(FieldText.shown(old)) → \(FieldText.shown(new))")
        }
        if let ttl = there["ttl"]?.intValue, ttl != Int(seconds) { lines.append("ttl: \(ttl)s → \(seconds)s") }
        return lines
    }

    /// What Google takes of a record that it has shown.
    static func plain(_ record: JSONValue) -> JSONValue {
        .object((record.objectValue ?? [:]).filter { ["name", "type", "ttl", "rrdatas"].contains($0.key) })
    }
}
