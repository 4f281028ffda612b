/// Keeps secrets by name: those that people put there (`defimon secrets put`, `{stored: name}` in the settings) and those
/// that actions make. All that is saved or read is known to the redactor when the call returns, and what is saved
/// survives a crash.
package protocol SecretStore: Sendable {
    /// Where they are, as people say it: `the folder /etc/defimon/secrets`.
    var place: String { get }
    /// All of them by name. Throws `SecretStoreError`.
    func all() async throws(SecretStoreError) -> [String: Secret]
    /// Saves a secret, in the place of one of the same name. It may be called again with the same value after an error.
    /// Throws `SecretStoreError`.
    func save(_ name: String, _ secret: Secret) async throws(SecretStoreError)
    /// Saves a secret unless there is one of that name; false when there is, which stays as it is. Throws
    /// `SecretStoreError`.
    func add(_ name: String, _ secret: Secret) async throws(SecretStoreError) -> Bool
}

/// No secrets: for a check of definitions, which reaches none.
package struct NoSecretStore: SecretStore {
    package init() {}
    package var place: String { "no store" }
    package func all() -> [String: Secret] { [:] }
    package func save(_ name: String, _ secret: Secret) throws(SecretStoreError) { throw NoSecretStore.error }
    package func add(_ name: String, _ secret: Secret) throws(SecretStoreError) -> Bool { throw NoSecretStore.error }

    private static let error = SecretStoreError("no secret can be saved while definitions are checked")
}

/// Why a secret could not be saved or read; says which, never what.
package struct SecretStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
    /// Whether it may work later without anybody doing anything.
    package var passes: Bool

    package init(_ description: String, passes: Bool = false) {
        self.description = description
        self.passes = passes
    }

    /// As an action says it, whose next try does no harm.
    package var actionError: ActionError {
        ActionError(description, retry: passes ? .later(afterMilliseconds: nil) : .never, mayHaveTakenEffect: true)
    }
}

/// The bounds of a stored secret.
package enum StoredSecret {
    /// Characters of a name.
    package static let longestName = 100
    /// Bytes of a secret.
    package static let largest = 64 * 1024
    /// Bytes of all secrets of one store: Kubernetes takes 1 MiB for a Secret (kubernetes.io/docs/concepts/configuration/
    /// secret/#restriction-data-size).
    package static let largestStore = 1024 * 1024

    /// Lower-case letters, digits, dots, underscores and dashes, and a letter or digit first: no way out of a folder, and
    /// a key that a Kubernetes Secret may have.
    package static func isName(_ name: String) -> Bool {
        let first = Set("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let others = first.union("._-".utf8)
        return name.utf8.count <= longestName && name.utf8.first.map(first.contains) == true
            && name.utf8.allSatisfy(others.contains)
    }

    /// Throws when the name or the secret is out of bounds.
    package static func check(_ name: String, _ secret: Secret) throws(SecretStoreError) {
        guard isName(name) else {
            throw SecretStoreError(
                "'\(name.prefix(longestName))' is not a secret's name: at most \(longestName) of a-z, 0-9, '.', '_', '-', "
                    + "a letter or digit first")
        }
        let count = secret.reveal().utf8.count
        guard (1...largest).contains(count) else {
            throw SecretStoreError("the secret '\(name)' must have 1 to \(largest) bytes, and it has \(count)")
        }
    }
}
