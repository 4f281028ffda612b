import Crypto

/// HMAC with SHA-256 (RFC 2104, FIPS 198-1).
package enum HMACSHA256 {
    /// The 32 bytes of the code over the parts, one after the other.
    package static func code(for parts: [[UInt8]], key: Secret) -> [UInt8] {
        var mac = HMAC<SHA256>(key: SymmetricKey(data: Array(key.reveal().utf8)))
        for part in parts { mac.update(data: part) }
        return Array(mac.finalize())
    }

    /// Whether `code` is the right one, in constant time.
    package static func isValid(_ code: [UInt8], for parts: [[UInt8]], key: Secret) -> Bool {
        ConstantTime.equals(code, self.code(for: parts, key: key))
    }
}

/// Lower-case hexadecimal (RFC 4648 §8).
package enum Hex {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil when the text is not an even number of hexadecimal digits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x61...0x66: byte - 0x61 + 10
            case 0x41...0x46: byte - 0x41 + 10
            default: nil
            }
        }
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digit(digits[index]), let low = digit(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}

/// SHA-256 (FIPS 180-4).
package enum SHA256Digest {
    package static func of(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}
