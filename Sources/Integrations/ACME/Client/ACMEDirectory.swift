import Domain

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

extension ACMEDirectory {
    /// Names of profiles that are kept at most.
    private static let mostProfiles = 50

    /// Throws `ACMEError` when a URL that must be there is missing or may not be asked.
    init(_ value: JSONValue) throws(ACMEError) {
        func link(_ name: String) throws(ACMEError) -> String {
            try ACMELink.checked(value[name]?.stringValue, name)
        }
        newNonce = try link("newNonce")
        newAccount = try link("newAccount")
        newOrder = try link("newOrder")
        revokeCert = try link("revokeCert")
        keyChange = try link("keyChange")
        renewalInfo = value["renewalInfo"] == nil ? nil : try link("renewalInfo")
        let meta = value["meta"]
        termsOfService = meta?["termsOfService"]?.stringValue.map { OneLine.of($0, atMost: 300) }
        externalAccountRequired = meta?["externalAccountRequired"]?.boolValue ?? false
        let named = (meta?["profiles"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
            .prefix(ACMEDirectory.mostProfiles)
        profiles = Dictionary(uniqueKeysWithValues: named.map { ($0.key, OneLine.of($0.value.plainText)) })
    }
}
