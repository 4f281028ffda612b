import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

/// A kubeconfig that changes while the bot runs.
struct RotationTests {
    private func kubeconfig(_ server: String, user: String) -> String {
        """
        current-context: m
        contexts: [{name: m, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: \(server)}]
        users: [{name: u, user: \(user)}]

        """
    }

    private func clusters(_ folder: TemporaryFolder) -> ClusterDirectory {
        var reader = InputReader.reading(LocatedValue(["test": ["kubeconfig": "kubeconfig"]]))
        return ClusterDirectory(
            ClusterSettings(&reader), base: folder.url.path, secrets: TableOfSecrets(), environment: [:])
    }

    @Test func aTokenThatWasReplacedHoldsAfterItIsReadAgain() async throws {
        let folder = try TemporaryFolder()
        let seen = Recorder<Asked>()
        try await withServer { asked in
            seen.add(asked)
            return .json(["kind": "Namespace", "metadata": ["name": "n"]])
        } _: { port in
            let server = "{server: 'http://127.0.0.1:\(port)'}"
            try folder.write(kubeconfig(server, user: "{token: first}"), to: "kubeconfig")
            let clusters = clusters(folder)
            _ = try await clusters.client("test").get(.namespaces, name: "n")
            #expect(clusters.readAgain() == SecretRereading())
            try folder.write(kubeconfig(server, user: "{token: second}"), to: "kubeconfig")
            #expect(clusters.readAgain().rotated == ["cluster:test"])
            _ = try await clusters.client("test").get(.namespaces, name: "n")
            // What cannot be read leaves the client that there is.
            try folder.write("nothing", to: "kubeconfig")
            let found = clusters.readAgain()
            #expect(found.failures.map(\.name) == ["cluster:test"])
            #expect(found.rotated.isEmpty)
            _ = try await clusters.client("test").get(.namespaces, name: "n")
            await clusters.shutdown()
        }
        #expect(seen.all.map { $0.headers["authorization"] } == ["Bearer first", "Bearer second", "Bearer second"])
    }

    @Test func theEndsOfAKubeconfigsCertificatesAndTokenAreKnown() async throws {
        let made = try await Certificates()
        let client = try await made.client("ec", "pkcs8")
        let body = Data(#"{"exp":1800000000}"#.utf8).base64EncodedString().replacing("=", with: "")
        let user = "{client-certificate: \(client.certificate), client-key: \(client.key), token: e30.\(body).c2ln}"
        try made.folder.write(
            kubeconfig("{server: 'https://127.0.0.1:1', certificate-authority: ca.pem}", user: user), to: "kubeconfig")
        let expiries = await clusters(made.folder).expiries()
        try #require(
            expiries.map(\.name) == ["clusters.test client certificate", "clusters.test CA", "clusters.test token"])
        // The test's certificates live for two days or less.
        for expiry in expiries.prefix(2) {
            #expect((0...172_800).contains(expiry.endsAt.timeIntervalSince(Date())), "\(expiry)")
            #expect(expiry.beganAt ?? .distantFuture <= Date())
        }
        #expect(expiries[2].endsAt == Date(timeIntervalSince1970: 1_800_000_000))
    }
}
