package import Domain
import Foundation

/// Secrets in one Secret of a cluster, each under its name. It may be one that other tools keep, which the bot only reads;
/// it changes none but its own, and nobody else's change is overwritten.
package struct ClusterSecretStore: SecretStore {
    /// Looks that a change takes, when others write too.
    static let tries = 5

    private let clusters: ClusterDirectory
    private let cluster: String
    private let namespace: String
    private let name: String
    private let onSecret: @Sendable (Secret) -> Void

    /// `onSecret` is told each value that is read or saved.
    package init(
        clusters: ClusterDirectory, cluster: String, namespace: String, name: String,
        onSecret: @escaping @Sendable (Secret) -> Void
    ) {
        self.clusters = clusters
        self.cluster = cluster
        self.namespace = namespace
        self.name = name
        self.onSecret = onSecret
    }

    package var place: String { "Secret \(namespace)/\(name) of cluster \(cluster)" }

    package func all() async throws(SecretStoreError) -> [String: Secret] {
        try await told("\(place) cannot be read") { client in
            let found = try await client.find(.secrets, namespace: namespace, name: name)
            var secrets: [String: Secret] = [:]
            for (key, value) in found?["data"]?.texts ?? [:] {
                var text = String(decoding: Data(base64Encoded: value) ?? Data(), as: UTF8.self)
                // As in a file, which is what people make Secrets from.
                if text.hasSuffix("\n") { text.removeLast() }
                guard !text.isEmpty else { continue }
                let secret = Secret(text)
                onSecret(secret)
                secrets[key] = secret
            }
            return secrets
        }
    }

    package func save(_ key: String, _ secret: Secret) async throws(SecretStoreError) {
        _ = try await put(key, secret, replaces: true)
    }

    package func add(_ key: String, _ secret: Secret) async throws(SecretStoreError) -> Bool {
        try await put(key, secret, replaces: false)
    }

    /// False when there is one of that name that is not to be replaced.
    private func put(_ key: String, _ secret: Secret, replaces: Bool) async throws(SecretStoreError) -> Bool {
        try StoredSecret.check(key, secret)
        onSecret(secret)
        let value = Data(secret.reveal().utf8).base64EncodedString()
        return try await told("the secret '\(key)' cannot be saved in \(place)") { client in
            var firstSeen: String??
            for _ in 0..<ClusterSecretStore.tries {
                let found = try await client.find(.secrets, namespace: namespace, name: name)
                let there = found?.text("data", key)
                if there == value { return true }
                // One that is empty counts as missing, as when they are read.
                if !replaces, there?.isEmpty == false { return false }
                if let firstSeen, firstSeen != there {
                    throw SecretStoreError(
                        "the secret '\(key)' in \(place) was changed by somebody else just now; look, and save it again"
                    )
                }
                firstSeen = .some(there)
                do {
                    try await write(key, value, over: found, client)
                    return true
                } catch let error as KubernetesError
                    where error.isAlreadyExists || (error.status == 409 && error.isTransient)
                {
                    continue
                }
            }
            throw SecretStoreError("\(place) is changed by others all the time; save '\(key)' again")
        }
    }

    private func write(_ key: String, _ value: String, over found: ClusterObject?, _ client: KubernetesClient)
        async throws
    {
        guard let found else {
            let new = ClusterObject([
                "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": [key: .string(value)],
                "metadata": ["name": .string(name), "namespace": .string(namespace)],
            ]).labelled()
            _ = try await client.create(.secrets, namespace: namespace, new.json)
            return
        }
        guard found.isManaged else {
            throw SecretStoreError(
                "\(place) is not the bot's: it changes only what has the label \(ManagedLabel.name): "
                    + "\(ManagedLabel.value)")
        }
        var all = found["data"]?.texts ?? [:]
        all[key] = value
        guard all.values.reduce(0, { $0 + $1.utf8.count / 4 * 3 }) <= StoredSecret.largestStore else {
            throw SecretStoreError(
                "with '\(key)' \(place) would have more than \(StoredSecret.largestStore) bytes in all")
        }
        let change: JSONValue = [
            "metadata": ["resourceVersion": .string(found.resourceVersion ?? "")], "data": [key: .string(value)],
        ]
        _ = try await client.patch(.secrets, namespace: namespace, name: name, .merge, change)
    }

    /// Runs `body` with the cluster's client; what goes wrong is said without the server's words where they may quote a
    /// value.
    private func told<Value: Sendable>(
        _ doing: String, _ body: (KubernetesClient) async throws -> Value
    ) async throws(SecretStoreError) -> Value {
        do {
            return try await body(try clusters.client(cluster))
        } catch let error as SecretStoreError {
            throw error
        } catch let error as KubernetesError {
            let words = [400, 413, 422].contains(error.status) ? "the cluster calls it invalid" : error.message
            throw SecretStoreError("\(doing): \(words.prefix(500))", passes: error.isTransient)
        } catch {
            throw SecretStoreError("\(doing): \(error)")
        }
    }
}
