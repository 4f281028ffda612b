import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Others who write all the time, and a server that is slow: the work still ends right.
@Suite(.timeLimit(.minutes(3)))
struct FaultTests {
    private static let labels: JSONValue = ["app": "api"]

    private func makeDeployment(_ client: KubernetesClient) async throws {
        _ = try await client.create(.namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
        _ = try await client.create(.deployments, namespace: "n", deployment(replicas: 2))
    }

    private func deployment(replicas: Int64) -> JSONValue {
        [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": [
                "name": "api", "namespace": "n", "labels": ["app.kubernetes.io/managed-by": "defimon"],
            ],
            "spec": [
                "replicas": .int(replicas), "selector": ["matchLabels": FaultTests.labels],
                "template": [
                    "metadata": ["labels": FaultTests.labels],
                    "spec": ["containers": [["name": "api", "image": "registry.example/api:1.2"]]],
                ],
            ],
        ]
    }

    /// Another one at the same server, with connections of its own.
    private func other(_ standIn: KubernetesStandIn) async throws -> ClusterDirectory {
        let port = try #require(URLComponents(string: try await standIn.url())?.port)
        return try directory(port: port, token: "stand-in-token")
    }

    /// What the engine does with an error that passes by itself.
    private func untilItPasses<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        for _ in 1..<50 {
            do { return try await body() } catch let error as ActionError {
                guard case .later = error.retry else { throw error }
            } catch let error as KubernetesError {
                guard error.isTransient else { throw error }
            }
        }
        return try await body()
    }

    /// Runs the body while another client changes the object up to a hundred times a second, as controllers that quarrel do.
    /// Gives how often it did.
    private func inAStorm(
        on type: ResourceType, _ name: String, _ client: KubernetesClient,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Int {
        let writes = Recorder<Int>()
        let storm = Task {
            while !Task.isCancelled {
                let count = writes.all.count + 1
                let began = ContinuousClock.now
                // A write that is cut off at the end is missed by nobody.
                _ = try? await client.patch(
                    type, namespace: "n", name: name, .merge,
                    ["metadata": ["annotations": ["storm": .string("\(count)")]]])
                writes.add(count)
                // Its pace: on a slow machine too there is time for what takes three requests. Cut off at the end.
                try? await Task.sleep(for: max(.milliseconds(8), began.duration(to: .now) * 4))
            }
        }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        storm.cancel()
        await storm.value
        try outcome.get()
        return writes.all.count
    }

    @Test func `a number that the bot has set is applied while others write the object all the time`() async throws {
        try await withStandIn { standIn, clusters in
            let client = try clusters.client("test")
            try await makeDeployment(client)
            let scale = try action(
                "kubernetes.scale", ["namespace": "n", "kind": "Deployment", "name": "api", "replicas": 5],
                clusters: clusters)
            let other = try await self.other(standIn)
            let writes = try await inAStorm(on: .deployments, "api", try other.client("test")) {
                _ = try await untilItPasses { try await scale.perform(context()) }
                _ = try await untilItPasses {
                    try await client.applyOverOwn(
                        .deployments, namespace: "n", name: "api", deployment(replicas: 3))
                }
            }
            await other.shutdown()
            let found = try await client.get(.deployments, namespace: "n", name: "api")
            #expect(found.number("spec", "replicas") == 3)
            // What the others wrote is there too.
            #expect(writes > 0)
            #expect(found.annotations["storm"] != nil)
        }
    }

    @Test func `a key is rotated once while others write its Secret all the time`() async throws {
        try await withStandIn { standIn, clusters in
            let client = try clusters.client("test")
            try await makeDeployment(client)
            _ = try await client.create(
                .secrets, namespace: "n",
                [
                    "apiVersion": "v1", "kind": "Secret",
                    "metadata": [
                        "name": "keys", "namespace": "n", "labels": ["app.kubernetes.io/managed-by": "defimon"],
                    ],
                    "data": ["hmac": SecretValue.encode("old-hmac")],
                ])
            let rotate = try action(
                "kubernetes.secret-rotate", ["namespace": "n", "name": "keys", "hmac": ["hmac"]], clusters: clusters)
            let other = try await self.other(standIn)
            _ = try await inAStorm(on: .secrets, "keys", try other.client("test")) {
                _ = try await untilItPasses { try await rotate.perform(context()) }
                _ = try await untilItPasses { try await rotate.perform(context()) }
            }
            await other.shutdown()
            let found = try await client.get(.secrets, namespace: "n", name: "keys")
            // A second rotation would have put the new key where the old one is.
            #expect(SecretValue.decode(found["data", "hmac.previous"])?.reveal() == "old-hmac")
            #expect(SecretValue.decode(found["data", "hmac"])?.reveal() != "old-hmac")
            #expect(found.annotations["storm"] != nil)
        }
    }

    @Test func `a rollout on a server that takes its time is followed to its end`() async throws {
        try await withStandIn { standIn, clusters in
            let client = try clusters.client("test")
            try await makeDeployment(client)
            standIn.setFailures { $0.slow = 300 }
            let restart = try action(
                "kubernetes.rollout-restart", ["namespace": "n", "kind": "Deployment", "name": "api"],
                clusters: clusters)
            _ = try await restart.perform(context())
            let wait = try action(
                "kubernetes.rollout-wait", ["namespace": "n", "workloads": ["Deployment/api"]], clusters: clusters)
            let output = try await wait.perform(context())
            #expect(output["ready"] == 1)
            standIn.setFailures { $0.slow = 0 }
            let found = try await client.get(.deployments, namespace: "n", name: "api")
            #expect(found.number("status", "updatedReplicas") == 2)
            #expect(found.number("status", "readyReplicas") == 2)
        }
    }
}
