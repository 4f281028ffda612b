import Crypto

/// HMAC with SHA-256 by a key that is no text.
enum HMACBytes {
    static func sha256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
    }
}
