/// An amount of bytes as people write it: `50GiB`, `2TiB`, `500GB`, `1048576`. Binary units (KiB, MiB, GiB, TiB, PiB)
/// count by 1024, decimal ones (kB, MB, GB, TB, PB) by 1000, as IEC 80000-13 names them.
package struct Quantity: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var bytes: Int64

    package init(bytes: Int64) { self.bytes = bytes }

    private static let units: [(String, Int64)] = [
        ("PiB", 1 << 50), ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("PB", 1_000_000_000_000_000), ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000),
        ("kB", 1000), ("B", 1),
    ]

    /// Reads a quantity; nil when the text is none, is negative, or does not fit into 63 bits of bytes.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, let count = Int64(digits) else { return nil }
        let unit = text.dropFirst(digits.count)
        guard let size = unit.isEmpty ? 1 : Quantity.units.first(where: { $0.0 == unit })?.1 else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    package static func < (left: Quantity, right: Quantity) -> Bool { left.bytes < right.bytes }

    /// The shortest form that is exact: `50GiB`, `500GB`, `1025B`.
    package var description: String {
        let exact = Quantity.units.filter { bytes >= $0.1 && bytes % $0.1 == 0 }
        guard let (name, size) = exact.max(by: { $0.1 < $1.1 }) else { return "\(bytes)B" }
        return "\(bytes / size)\(name)"
    }
}
