/// Keeps secrets that the bot makes itself: kubeconfigs, join tokens, account keys. Called by actions that make them and
/// by what uses them later. All that is saved or read is known to the redactor when the call returns, and what is saved
/// survives a crash.
package protocol SecretStore: Sendable {
    /// Saves a secret, in the place of one of the same name. Throws `SecretStoreError`.
    func save(_ name: String, _ secret: Secret) throws(SecretStoreError)
    /// Nil when there is none of that name. Throws `SecretStoreError`.
    func secret(named name: String) throws(SecretStoreError) -> Secret?
    /// All names, sorted. Throws `SecretStoreError`.
    func names() throws(SecretStoreError) -> [String]
}

/// Why a secret could not be saved or read; says which, never what.
package struct SecretStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
