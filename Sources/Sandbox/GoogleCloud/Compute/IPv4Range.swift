import Domain

/// A range of IPv4 addresses: `10.0.0.0/20`.
struct IPv4Range: Sendable, Hashable {
    var base: UInt32
    var prefix: Int

    /// Nil when it is none, or has bits behind its prefix.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let base = IPv4Range.number(String(parts[0])) else { return nil }
        let prefix = parts.count == 2 ? Int(parts[1]) : 32
        guard let prefix, (0...32).contains(prefix) else { return nil }
        self.base = base
        self.prefix = prefix
        guard base & ~mask == 0 else { return nil }
    }

    var mask: UInt32 { prefix == 0 ? 0 : UInt32.max << UInt32(32 - prefix) }

    func contains(_ other: IPv4Range) -> Bool { prefix <= other.prefix && other.base & mask == base }

    func overlaps(_ other: IPv4Range) -> Bool { contains(other) || other.contains(self) }

    /// The address with that number in the range.
    func address(_ offset: UInt32) -> String { IPv4Range.text(base &+ offset) }

    static func text(_ number: UInt32) -> String {
        [24, 16, 8, 0].map { String((number >> UInt32($0)) & 255) }.joined(separator: ".")
    }

    static func number(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let part else { return nil }
            number = number << 8 | UInt32(part)
        }
        return number
    }

    /// Throws Google's error for a text that is no range.
    static func checked(_ text: String, field: String) throws -> IPv4Range {
        guard let range = IPv4Range(text) else {
            throw GoogleError.invalid(field, text, "Must be a CIDR address range.")
        }
        return range
    }
}
