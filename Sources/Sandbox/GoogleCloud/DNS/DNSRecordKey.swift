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
