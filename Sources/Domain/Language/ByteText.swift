/// An amount of bytes for people.
package enum ByteText {
    /// To three digits: `9.77 GiB`, `512 MiB`, `100 bytes`.
    package static func human(_ bytes: Int64) -> String {
        let units: [(String, Int64)] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        guard let (unit, size) = units.first(where: { bytes >= $0.1 }) else {
            return bytes == 1 ? "1 byte" : "\(bytes) bytes"
        }
        let hundredths = (bytes / size) * 100 + (bytes % size) * 100 / size
        let whole = hundredths / 100
        let rest = hundredths % 100
        guard whole < 100, rest > 0 else { return "\(whole) \(unit)" }
        if whole >= 10 { return rest / 10 == 0 ? "\(whole) \(unit)" : "\(whole).\(rest / 10) \(unit)" }
        return "\(whole).\(rest < 10 ? "0\(rest)" : rest % 10 == 0 ? "\(rest / 10)" : "\(rest)") \(unit)"
    }
}
