import Domain

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
