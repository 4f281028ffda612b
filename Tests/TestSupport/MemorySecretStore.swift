package import Domain
import Synchronization

/// Secrets in memory.
package final class MemorySecretStore: SecretStore {
    private let secrets = Mutex<[String: Secret]>([:])
    package let place = "the memory of a test"

    package init() {}

    package func all() async throws(SecretStoreError) -> [String: Secret] { secrets.withLock { $0 } }

    package func save(_ name: String, _ secret: Secret) async throws(SecretStoreError) {
        try StoredSecret.check(name, secret)
        secrets.withLock { $0[name] = secret }
    }

    package func add(_ name: String, _ secret: Secret) async throws(SecretStoreError) -> Bool {
        try StoredSecret.check(name, secret)
        return secrets.withLock { secrets in
            guard secrets[name] == nil else { return false }
            secrets[name] = secret
            return true
        }
    }
}
