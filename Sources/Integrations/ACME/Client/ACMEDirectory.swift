/// What a CA offers and where (RFC 8555 §7.1.1; `renewalInfo` RFC 9773 §3; `profiles` draft-ietf-acme-profiles).
package struct ACMEDirectory: Sendable, Hashable {
    package var newNonce: String
    package var newAccount: String
    package var newOrder: String
    package var revokeCert: String
    package var keyChange: String
    /// Nil: the CA says nothing of when to renew.
    package var renewalInfo: String?
    /// Nil: no terms.
    package var termsOfService: String?
    package var externalAccountRequired: Bool
    /// Kinds of certificates by name, each with what the CA says of it; empty: there is one kind.
    package var profiles: [String: String]
}
