import Domain

/// A record set of a zone.
struct HetznerRecord: Sendable {
    static let types: Set<String> = [
        "A", "AAAA", "CAA", "CNAME", "DS", "HINFO", "HTTPS", "MX", "NS", "PTR", "RP", "SOA", "SRV", "SVCB", "TLSA",
        "TXT",
    ]

    private(set) var body: [String: JSONValue]

    /// `www/A`, which is also its id.
    var key: String { body["id"]?.stringValue ?? "" }

    init(_ name: String, _ type: String, values: [String], in zone: Int) {
        body = HetznerRecord.body(
            name, type, ttl: nil, labels: [:],
            values.map { ["value": .string($0), "comment": ""] }, in: zone)
    }

    /// As a request orders it. Throws what Hetzner refuses it with.
    init(_ value: JSONValue, in zone: Int) throws {
        let name = try HetznerCall.needed(HetznerCall.text(value["name"], "name"), "name")
        guard name.count <= 253, name.wholeMatch(of: /@|(\*\.)?[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\*/) != nil else {
            throw HetznerError.invalid("name", "must be lower case and relative to the zone")
        }
        let type = try HetznerCall.needed(HetznerCall.text(value["type"], "type"), "type")
        guard HetznerRecord.types.contains(type) else { throw HetznerError.invalid("type", "'\(type)' is no type") }
        body = HetznerRecord.body(
            name, type, ttl: try HetznerRecord.ttl(value["ttl"]),
            labels: try HetznerCall.labels(value["labels"]) ?? [:],
            try HetznerRecord.values(value["records"], type), in: zone)
    }

    private static func body(
        _ name: String, _ type: String, ttl: Int?, labels: JSONValue, _ records: [JSONValue], in zone: Int
    ) -> [String: JSONValue] {
        [
            "id": .string("\(name)/\(type)"), "name": .string(name), "type": .string(type),
            "ttl": ttl.map { .int(Int64($0)) } ?? .null, "labels": labels, "protection": ["change": false],
            "records": .array(records), "zone": .int(Int64(zone)),
        ]
    }

    /// Nil for null: the zone's own is taken.
    static func ttl(_ value: JSONValue?) throws -> Int? {
        guard let value, value != .null else { return nil }
        guard let ttl = value.intValue, (60...2_147_483_647).contains(ttl) else {
            throw HetznerError.invalid("ttl", "must be between 60 and 2147483647")
        }
        return ttl
    }

    /// The records of a set, checked as far as their type is simple.
    static func values(_ value: JSONValue?, _ type: String) throws -> [JSONValue] {
        guard let records = value?.arrayValue, !records.isEmpty else {
            throw HetznerError.invalid("records", "must hold at least one record")
        }
        let values = records.map { $0["value"]?.stringValue ?? "" }
        guard Set(values).count == values.count else { throw HetznerError.invalid("records", "must not repeat") }
        guard type != "CNAME" || values.count == 1 else {
            throw HetznerError.invalid("records", "of a CNAME must be one")
        }
        return try zip(records, values).map { record, text in
            let isWell =
                switch type {
                case "A": IPv4Range(text)?.prefix == 32 && !text.contains("/")
                case "AAAA": text.contains(":")
                case "TXT": text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
                default: !text.isEmpty
                }
            guard isWell else { throw HetznerError.invalid("records", "'\(text)' is no value of type \(type)") }
            return ["value": .string(text), "comment": record["comment"] ?? ""]
        }
    }
}

extension HetznerState {
    /// Throws when the zone has that set, or one that excludes it.
    func checkNew(_ record: HetznerRecord, in zone: Int) throws {
        let known = records[zone] ?? [:]
        guard known[record.key] == nil else {
            throw HetznerError.notUnique("name", "RRSet '\(record.key)' already exists")
        }
        let others = known.values.filter { $0["name"] == record.body["name"] }
        let isCanonical = record.body["type"] == "CNAME"
        guard others.isEmpty || !isCanonical && !others.contains(where: { $0["type"] == "CNAME" }) else {
            throw HetznerError.invalid("type", "a CNAME must be alone at its name")
        }
    }
}
