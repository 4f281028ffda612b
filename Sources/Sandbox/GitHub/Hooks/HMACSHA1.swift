import Crypto
import Domain

/// HMAC with SHA-1 (RFC 2104): GitHub's older signature, which it still sends beside the newer one.
enum HMACSHA1 {
    static func code(for body: [UInt8], key: Secret) -> [UInt8] {
        let key = SymmetricKey(data: Array(key.reveal().utf8))
        return Array(HMAC<Insecure.SHA1>.authenticationCode(for: body, using: key))
    }
}
