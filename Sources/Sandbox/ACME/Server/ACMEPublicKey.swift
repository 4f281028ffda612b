import Crypto
import Domain

/// A P-256 key as a JWK (RFC 7517, RFC 7518 §6.2.1).
struct ACMEPublicKey: Sendable, Hashable {
    /// RFC 7638, base64url.
    let thumbprint: String
    /// The members that count: crv, kty, x, y.
    let json: JSONValue
    /// X9.63, uncompressed.
    let bytes: [UInt8]

    /// Throws `ACMEProblem` for what is no such key.
    init(_ jwk: JSONValue) throws {
        guard jwk["kty"] == "EC", jwk["crv"] == "P-256" else {
            throw ACMEProblem(400, "badPublicKey", "the key must be an EC key of the curve P-256")
        }
        guard let x = jwk["x"]?.stringValue.flatMap(Base64URL.decode), x.count == 32,
            let y = jwk["y"]?.stringValue.flatMap(Base64URL.decode), y.count == 32
        else { throw ACMEProblem(400, "badPublicKey", "x and y must be 32 bytes each") }
        bytes = [4] + x + y
        // A point that is not on the curve is no key.
        guard (try? P256.Signing.PublicKey(x963Representation: bytes)) != nil else {
            throw ACMEProblem(400, "badPublicKey", "the point is not on the curve")
        }
        json = [
            "crv": "P-256", "kty": "EC", "x": .string(Base64URL.encode(x)), "y": .string(Base64URL.encode(y)),
        ]
        thumbprint = Base64URL.encode(SHA256.hash(data: json.canonicalBytes))
    }

    /// The same, to work with.
    var signing: P256.Signing.PublicKey {
        get throws { try P256.Signing.PublicKey(x963Representation: bytes) }
    }

    /// Whether these 64 bytes are a signature by ES256 (RFC 7518 §3.4).
    func isValid(_ signature: [UInt8], of text: String) -> Bool {
        // What is no key or no signature signs nothing.
        guard let key = try? signing,
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { return false }
        return key.isValidSignature(signature, for: Array(text.utf8))
    }

    /// RFC 8555 §8.1.
    func keyAuthorization(_ token: String) -> String { "\(token).\(thumbprint)" }
}
