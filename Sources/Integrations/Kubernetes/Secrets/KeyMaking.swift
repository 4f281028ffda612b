import Crypto
import Domain
import Foundation
import SwiftASN1
import X509

/// Makes the values of keys, from the system's secure generator.
enum KeyMaking {
    /// Public keys in a JWKS: the one in use, and those before it whose tokens may still be about.
    static let mostPublicKeys = 3

    /// 32 random bytes in base64url without padding (RFC 4648 §5).
    static func hmac() -> String { base64URL(RandomText.key()) }

    // MARK: JWT signing keys

    /// A private key for ES256 (RFC 7518 §3.4): P-256, in PKCS#8 and PEM.
    static func signingKey() -> String { P256.Signing.PrivateKey().pemRepresentation + "\n" }

    /// The set of public keys (RFC 7517 §5) that begins with the one of a private key and keeps those of an older set,
    /// at most three in all. Nil when the private key is none for ES256.
    static func publicKeys(of pem: String, after old: String? = nil) -> String? {
        // What is no such key is told by the caller, who knows where it stands.
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else { return nil }
        let point = Array(key.publicKey.rawRepresentation)
        let x = base64URL(point.prefix(32))
        let y = base64URL(point.dropFirst(32))
        // RFC 7638 §3.1: the required members in this very order.
        let canonical = #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#
        let id = base64URL(SHA256Digest.of(Array(canonical.utf8)))
        let new: JSONValue = [
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": .string(id), "x": .string(x),
            "y": .string(y),
        ]
        let before = old.flatMap { try? JSONValue(parsing: Array($0.utf8)) }?["keys"]?.arrayValue ?? []
        let kept = before.filter { $0["kid"]?.stringValue != id && $0["d"] == nil }
        return JSONValue.object(["keys": .array(Array(([new] + kept).prefix(mostPublicKeys)))]).canonicalText + "\n"
    }

    /// Whether a text is a set of keys (RFC 7517 §5).
    static func isKeySet(_ text: String) -> Bool {
        // What is no JSON is no set either.
        (try? JSONValue(parsing: Array(text.utf8)))?["keys"]?.arrayValue != nil
    }

    // MARK: TLS

    /// A certificate that signs itself, for these names, and its private key, both in PEM.
    static func certificate(names: [String], days: Int, now: Date) throws -> (certificate: String, key: String) {
        let key = P256.Signing.PrivateKey()
        let signer = Certificate.PrivateKey(key)
        let subject = try DistinguishedName { CommonName(names.first ?? "") }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: signer.publicKey,
            // Clocks of the cluster may be a little behind.
            notValidBefore: now.addingTimeInterval(-300), notValidAfter: now.addingTimeInterval(Double(days) * 86_400),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names.map { .dnsName($0) })
            }, issuerPrivateKey: signer)
        return (try certificate.serializeAsPEM().pemString + "\n", key.pemRepresentation + "\n")
    }

    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
