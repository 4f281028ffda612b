import Crypto
import Domain
import Foundation

/// A JWS in the flattened JSON form (RFC 7515 §7.2.2), which is the body of every request to a CA (RFC 8555 §6.2).
enum SignedMessage {
    /// How the CA knows whose signature it is.
    enum Signer: Sendable {
        /// By the public key itself: for a new account, and within a change of keys.
        case key(ACMEKey)
        /// By the account's URL.
        case account(ACMEKey, url: String)

        var key: ACMEKey {
            switch self {
            case .key(let key), .account(let key, _): key
            }
        }
    }

    /// Signed by an account's key. `payload` nil: a reading request (RFC 8555 §6.3). `nonce` nil: within a change of
    /// keys.
    static func make(_ payload: JSONValue?, url: String, nonce: String?, signer: Signer) throws -> JSONValue {
        var header: [String: JSONValue] = ["alg": .string("ES256"), "url": .string(url)]
        if let nonce { header["nonce"] = .string(nonce) }
        switch signer {
        case .key(let key): header["jwk"] = key.jwk
        case .account(_, let account): header["kid"] = .string(account)
        }
        return try assemble(header, payload) { try signer.key.sign($0) }
    }

    /// What binds an account to one outside of ACME: the account's public key, signed by HS256 (RFC 8555 §7.3.4).
    static func binding(_ key: ACMEKey, to external: ExternalAccount, url: String) throws -> JSONValue {
        let header: [String: JSONValue] = [
            "alg": .string("HS256"), "kid": .string(external.keyID), "url": .string(url),
        ]
        guard let secret = Base64URL.decode(external.key.reveal()) else {
            throw ACMEError.unusable(
                "the key of the external account is not base64url",
                hint: "give acme.external_account.key as the CA shows it")
        }
        return try assemble(header, key.jwk) {
            Array(HMAC<SHA256>.authenticationCode(for: Data($0), using: SymmetricKey(data: secret)))
        }
    }

    private static func assemble(
        _ header: [String: JSONValue], _ payload: JSONValue?, sign: ([UInt8]) throws -> [UInt8]
    ) throws -> JSONValue {
        let protected = Base64URL.encode(JSONValue.object(header).canonicalBytes)
        let body = payload.map { Base64URL.encode($0.canonicalBytes) } ?? ""
        let signature = try sign(Array("\(protected).\(body)".utf8))
        return .object([
            "protected": .string(protected), "payload": .string(body),
            "signature": .string(Base64URL.encode(signature)),
        ])
    }
}
