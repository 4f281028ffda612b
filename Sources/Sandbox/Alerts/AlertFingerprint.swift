/// Prometheus' fingerprint of a label set: 64-bit FNV-1a over sorted name, 0xFF, value, 0xFF.
enum AlertFingerprint {
    static func of(_ labels: [String: String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) {
            hash ^= UInt64(byte)
            hash &*= 0x100_0000_01b3
        }
        for (name, value) in labels.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            for byte in name.utf8 { add(byte) }
            add(0xff)
            for byte in value.utf8 { add(byte) }
            add(0xff)
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
