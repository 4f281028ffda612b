import Crypto
package import Domain
import Foundation

/// The key of an account: P-256, which signs by ES256 (RFC 7518 §3.4).
package struct ACMEKey: Sendable {
    private let key: P256.Signing.PrivateKey

    /// A new one.
    package static func make() -> ACMEKey { ACMEKey(key: P256.Signing.PrivateKey()) }

    private init(key: P256.Signing.PrivateKey) { self.key = key }

    /// Reads PEM, PKCS#8 or SEC1. Throws `ACMEError` when it holds no P-256 key.
    package init(pem: Secret) throws(ACMEError) {
        do {
            key = try P256.Signing.PrivateKey(pemRepresentation: pem.reveal())
        } catch {
            throw ACMEError.unusable("the account's key is no private P-256 key in PEM")
        }
    }

    /// PEM, PKCS#8.
    package var pem: Secret { Secret(key.pemRepresentation) }

    /// What names the key: SHA-256 of the public key's JSON form, in base64url (RFC 7638).
    package var thumbprint: String { Base64URL.encode(SHA256.hash(data: jwk.canonicalBytes)) }

    /// What proves that this account answers a challenge (RFC 8555 §8.1); the body of an HTTP-01 answer.
    package func keyAuthorization(_ token: String) -> String { "\(token).\(thumbprint)" }

    /// The text of a DNS-01 record: SHA-256 of the key authorization in base64url (RFC 8555 §8.4).
    package func dnsValue(_ token: String) -> String {
        Base64URL.encode(SHA256.hash(data: Data(keyAuthorization(token).utf8)))
    }

    /// The public key (RFC 7517, RFC 7518 §6.2.1), with the members of RFC 7638 alone.
    var jwk: JSONValue {
        let point = key.publicKey.rawRepresentation
        return .object([
            "crv": .string("P-256"), "kty": .string("EC"), "x": .string(Base64URL.encode(point.prefix(32))),
            "y": .string(Base64URL.encode(point.suffix(32))),
        ])
    }

    /// r and s one after the other (RFC 7518 §3.4). Throws Crypto's error.
    func sign(_ bytes: some Sequence<UInt8>) throws -> [UInt8] {
        Array(try key.signature(for: Data(bytes)).rawRepresentation)
    }
}
