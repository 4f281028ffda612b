/// A range of IPv4 addresses (RFC 4632).
package struct AddressRange: Sendable, Hashable {
    package let first: UInt32
    package let length: Int

    /// Reads `10.0.0.0/16`; nil when it is none, or when bits behind its length are set.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]), (0...32).contains(length) else { return nil }
        let bytes = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard bytes.count == 4 else { return nil }
        var address: UInt32 = 0
        for byte in bytes {
            guard let byte else { return nil }
            address = address << 8 | UInt32(byte)
        }
        guard address & ~AddressRange.mask(length) == 0 else { return nil }
        first = address
        self.length = length
    }

    private static func mask(_ length: Int) -> UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }

    /// Whether all of `other` is in it.
    package func holds(_ other: AddressRange) -> Bool {
        other.length >= length && other.first & AddressRange.mask(length) == first
    }
}
