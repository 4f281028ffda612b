package import Domain

/// An account with the CA outside of ACME, to which the bot's is bound (RFC 8555 §7.3.4).
package struct ExternalAccount: Sendable {
    /// What the CA calls the key.
    package var keyID: String
    /// The key, in base64url as CAs show it.
    package var key: Secret

    package init(keyID: String, key: Secret) {
        self.keyID = keyID
        self.key = key
    }
}
