import Crypto

/// A proof of control over a name that is to be looked for (RFC 8555 §8).
struct ACMEProof: Sendable {
    let challenge: String
    let kind: ACMEChallenge.Kind
    let name: String
    let token: String
    let keyAuthorization: String

    /// What the TXT record must hold (§8.4).
    var text: String { Base64URL.encode(SHA256.hash(data: Array(keyAuthorization.utf8))) }
}
