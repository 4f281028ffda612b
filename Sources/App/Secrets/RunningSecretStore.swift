import Domain

/// The secret store of a bot that runs: what an action saves in it, or finds there, holds at once for all that reads
/// `{stored: name}`.
struct RunningSecretStore: SecretStore {
    let store: any SecretStore
    let secrets: CurrentSecrets

    var place: String { store.place }

    func all() async throws(SecretStoreError) -> [String: Secret] {
        let all = try await store.all()
        secrets.take(all, from: place)
        return all
    }

    func save(_ name: String, _ secret: Secret) async throws(SecretStoreError) {
        try await store.save(name, secret)
        secrets.take(name, secret)
    }

    func add(_ name: String, _ secret: Secret) async throws(SecretStoreError) -> Bool {
        let isNew = try await store.add(name, secret)
        if isNew { secrets.take(name, secret) }
        return isNew
    }
}
