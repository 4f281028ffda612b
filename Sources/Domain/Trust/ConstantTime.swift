import Crypto

/// Comparisons whose time does not depend on where the values differ.
package enum ConstantTime {
    /// Whether two byte strings are equal. Both are hashed first, so that neither their contents nor their lengths
    /// show in the time.
    package static func equals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let key = SymmetricKey(size: .bits256)
        let mine = HMAC<SHA256>.authenticationCode(for: left, using: key)
        return HMAC<SHA256>.isValidAuthenticationCode(mine, authenticating: right, using: key)
    }
}
