import Crypto
import Foundation

/// A private key of Ed25519 (RFC 8032). It prints as `<secret>`.
package struct Ed25519PrivateKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// What stands before the seed's 32 bytes in a PKCS#8 structure (RFC 8410 §7).
    private static let prefix: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]

    private let key: Curve25519.Signing.PrivateKey
    package let publicKey: Ed25519PublicKey

    /// A new key.
    package init?() {
        self.init(Curve25519.Signing.PrivateKey())
    }

    /// Reads a `PRIVATE KEY` block (PKCS#8, RFC 7468 §10) that is not encrypted; nil for anything else.
    package init?(pem: String) {
        guard let info = PEMBlock.contents(of: pem, label: "PRIVATE KEY"), info.starts(with: Self.prefix),
            let key = try? Curve25519.Signing.PrivateKey(  // anything but 32 bytes is no key
                rawRepresentation: info.dropFirst(Self.prefix.count))
        else { return nil }
        self.init(key)
    }

    private init?(_ key: Curve25519.Signing.PrivateKey) {
        guard let publicKey = Ed25519PublicKey(bytes: Array(key.publicKey.rawRepresentation)) else { return nil }
        self.key = key
        self.publicKey = publicKey
    }

    /// The text of the key's file; for nothing else.
    package func revealPEM() -> String { PEMBlock.text(Self.prefix + key.rawRepresentation, label: "PRIVATE KEY") }

    /// The 64 bytes of the signature.
    package func sign(_ message: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: message)) }

    package var description: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
