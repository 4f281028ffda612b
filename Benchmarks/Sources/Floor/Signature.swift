import CFloor
import NIOCore

/// GitHub's signature: `sha256=` and the HMAC-SHA256 of the body in hexadecimal.
struct Signature: Sendable {
    let secret: [UInt8]

    func proves(_ header: String, _ body: ByteBuffer) -> Bool {
        var mac = [UInt8](repeating: 0, count: 32)
        var size: UInt32 = 32
        body.withUnsafeReadableBytes { bytes in
            let start = bytes.bindMemory(to: UInt8.self).baseAddress
            _ = HMAC(EVP_sha256(), secret, Int32(secret.count), start, bytes.count, &mac, &size)
        }
        var expected = Array("sha256=".utf8)
        for byte in mac {
            expected.append(Signature.digits[Int(byte >> 4)])
            expected.append(Signature.digits[Int(byte & 15)])
        }
        let found = Array(header.utf8)
        return found.count == expected.count && CRYPTO_memcmp(found, expected, expected.count) == 0
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
