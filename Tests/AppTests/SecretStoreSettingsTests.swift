import Domain
import Kubernetes
import TestSupport
import Testing
import YAML

@testable import App

@Suite struct SecretStoreSettingsTests {
    private func problems(_ text: String) throws -> [String] {
        let document = try #require(try YAMLReader.documents(text, file: "f").first)
        var sections: [String: LocatedValue] = [:]
        for member in document.members ?? [] { sections[member.name] = member.value }
        var reader = InputReader.checking(try #require(sections["secret_store"]), typeOf: { _ in nil })
        SecretStoreSettings.section.read(&reader)
        reader.finish()
        return (reader.problems + SecretStoreSettings.section.compare(sections)).map(\.message)
    }

    @Test(
        arguments: [
            ("secret_store: {folder: s}", []),
            ("secret_store: {cluster: own}\nclusters: {own: {in_cluster: true}}", []),
            ("secret_store: {cluster: own}\nclusters: {own: {server: https://x, token: {env: T}}}", []),
            (
                "secret_store: {cluster: own, folder: s}\nclusters: {own: {in_cluster: true}}",
                ["secrets are in a folder or in a cluster"]
            ),
            ("secret_store: {cluster: own}", ["there is no cluster 'own'"]),
            ("secret_store: {cluster: own}\nclusters: {other: {in_cluster: true}}", ["there is no cluster 'own'"]),
            (
                "secret_store: {cluster: own}\nclusters: {own: {server: https://x, token: {stored: t}}}",
                ["the token of cluster 'own' is in the secret store, which is in that cluster"]
            ),
        ] as [(String, [String])])
    func `a store must be reachable without itself`(text: String, expected: [String]) throws {
        #expect(try problems(text) == expected)
    }

    @Test func `the private key of a backup cannot be a stored secret`() {
        var reader = InputReader.reading(
            LocatedValue(["ssh": ["host": "h", "user": "u", "folder": "f", "key": ["stored": "k"], "known_hosts": "k"]])
        )
        _ = BackupSettings(&reader)
        #expect(reader.problems.map(\.message) == ["the key must be a file, which OpenSSH reads by itself"])
    }
}
