import Domain

/// What a record set is known by.
struct DNSRecordKey: Sendable, Hashable, Comparable {
    /// Whole, with the dot at its end.
    var name: String
    /// `A`, `CNAME`, …
    var type: String

    static func < (left: DNSRecordKey, right: DNSRecordKey) -> Bool {
        (left.name, left.type) < (right.name, right.type)
    }

    /// The SOA and NS records at a zone's top, which are always there.
    func isOwn(_ zone: GoogleResource) -> Bool {
        zone.body["dnsName"]?.stringValue == name && ["NS", "SOA"].contains(type)
    }
}

/// A record set's content.
struct DNSRecord: Sendable, Hashable {
    /// Seconds.
    var ttl: Int
    var data: [String]

    func json(_ key: DNSRecordKey) -> JSONValue {
        [
            "kind": "dns#resourceRecordSet", "name": .string(key.name), "type": .string(key.type),
            "ttl": .int(Int64(ttl)), "rrdatas": .array(data.map { .string($0) }), "signatureRrdatas": [],
        ]
    }
}

/// A change of records.
struct DNSChange: Sendable {
    var id: String
    var additions: [JSONValue]
    var deletions: [JSONValue]
    var start: String
    /// When it is done, in microseconds since 1970.
    var doneAt: Int64
    /// What the sender calls it; empty: nothing.
    var clientID: String
    var digest: String

    func json(now: Int64) -> JSONValue {
        let isDone = now >= doneAt
        var members: [String: JSONValue] = [
            "kind": "dns#change", "id": .string(id), "startTime": .string(start),
            "status": isDone ? "done" : "pending", "isServing": .bool(isDone),
        ]
        if !additions.isEmpty { members["additions"] = .array(additions) }
        if !deletions.isEmpty { members["deletions"] = .array(deletions) }
        return .object(members)
    }
}

/// Names of the DNS.
enum DNSName {
    /// With the dot at its end, labels of 1 to 63 bytes, 255 in all.
    static func isWhole(_ name: String) -> Bool {
        guard name.hasSuffix("."), (2...254).contains(name.utf8.count) else { return false }
        return name.dropLast().split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_*".contains($0)) }
        }
    }
}
