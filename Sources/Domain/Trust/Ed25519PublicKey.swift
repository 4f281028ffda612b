import Crypto
import Foundation

/// A public key of Ed25519 (RFC 8032).
package struct Ed25519PublicKey: Sendable, Hashable {
    /// What stands before the key's 32 bytes in a SubjectPublicKeyInfo (RFC 8410 §4).
    private static let prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

    /// The key itself, 32 bytes.
    package let bytes: [UInt8]

    /// Nil when these are not 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads a `PUBLIC KEY` block (RFC 7468 §13); nil for anything else.
    package init?(pem: String) {
        guard let info = PEMBlock.contents(of: pem, label: "PUBLIC KEY"), info.starts(with: Self.prefix) else {
            return nil
        }
        self.init(bytes: Array(info.dropFirst(Self.prefix.count)))
    }

    /// As `openssl pkey -pubin` reads it.
    package var pem: String { PEMBlock.text(Self.prefix + bytes, label: "PUBLIC KEY") }

    /// `SHA256:` and the hash of the SubjectPublicKeyInfo: `openssl pkey -pubin -in F -outform DER | sha256sum`.
    package var fingerprint: String { "SHA256:" + Hex.encode(SHA256.hash(data: Self.prefix + bytes)) }

    /// Whether the holder of the private key has signed these bytes.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
            return false  // no point of the curve: nothing is signed by it
        }
        return key.isValidSignature(signature, for: message)
    }
}
