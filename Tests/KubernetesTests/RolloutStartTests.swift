import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// A wait that asks only that new pods run, for what is ready hours after it has started.
@Suite(.timeLimit(.minutes(3)))
struct RolloutStartTests {
    private static let inputs: [String: JSONValue] = [
        "namespace": "default", "workloads": ["StatefulSet/db"], "started": true,
    ]

    private func withSet(
        _ policy: String, stalled: Bool,
        _ body: @escaping @Sendable (KubernetesStandIn, KubernetesClient, ClusterDirectory) async throws -> Void
    ) async throws {
        try await withStandIn { standIn, clusters in
            if stalled { standIn.setFailures { $0.stalledRollout = ["db"] } }
            let client = try clusters.client("test")
            _ = try await client.create(
                .statefulSets, namespace: "default",
                [
                    "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": "db"],
                    "spec": [
                        "serviceName": "db", "podManagementPolicy": .string(policy),
                        "selector": ["matchLabels": ["app": "db"]],
                        "template": [
                            "metadata": ["labels": ["app": "db"]],
                            "spec": ["containers": [["name": "db", "image": "r.test/db:1"]]],
                        ],
                    ],
                ])
            let isRunning: Bool? = try await eventually {
                let pod = try await client.find(.pods, namespace: "default", name: "db-0")
                return pod?["status", "containerStatuses"]?.arrayValue?.first?["state"]?["running"] == nil ? nil : true
            }
            try #require(isRunning == true)
            try await body(standIn, client, clusters)
        }
    }

    private func restart(_ clusters: ClusterDirectory) async throws {
        let made = try action(
            "kubernetes.rollout-restart", ["namespace": "default", "kind": "StatefulSet", "name": "db"],
            clusters: clusters)
        #expect(try await made.perform(context(key: "restart"))["restarted"] == true)
    }

    @Test func `new pods that run are enough, ready or not, and old ones are not`() async throws {
        try await withSet("Parallel", stalled: true) { _, client, clusters in
            let before = try await client.get(.pods, namespace: "default", name: "db-0")
            try await restart(clusters)
            let made = try action("kubernetes.rollout-wait", RolloutStartTests.inputs, clusters: clusters)
            let waited = try await made.perform(context(time: HurriedTime()))
            #expect(waited["summary"] == "StatefulSet/db runs and is not ready yet")
            #expect(waited["ready"] == 0)
            let after = try await client.get(.pods, namespace: "default", name: "db-0")
            #expect(after.uid != before.uid)
        }
    }

    @Test func `what is ready is told as ever`() async throws {
        try await withSet("Parallel", stalled: false) { _, _, clusters in
            try await restart(clusters)
            let made = try action(
                "kubernetes.rollout-wait", RolloutStartTests.inputs.merging(["started": false]) { $1 },
                clusters: clusters)
            #expect(try await made.perform(context())["summary"] == "1 workload is ready, 1 of 1 pods")
            let started = try action("kubernetes.rollout-wait", RolloutStartTests.inputs, clusters: clusters)
            #expect(try await started.perform(context())["summary"] == "1 workload is ready, 1 of 1 pods")
        }
    }

    @Test func `an old pod that is not ready would hold a restart up in order, and is replaced at once`() async throws {
        try await withSet("OrderedReady", stalled: true) { standIn, client, clusters in
            let before = try await client.get(.pods, namespace: "default", name: "db-0")
            let made = try action(
                "kubernetes.rollout-restart", ["namespace": "default", "kind": "StatefulSet", "name": "db"],
                clusters: clusters)
            let done = try await made.perform(context(key: "restart"))
            #expect(
                done["summary"]
                    == "StatefulSet default/db is restarting; not ready, and so replaced at once: db-0")
            let again = try await made.perform(context(key: "restart"))
            #expect(again["summary"] == "StatefulSet default/db was told to restart before")
            standIn.setFailures { $0.stalledRollout = [] }
            let wait = try action(
                "kubernetes.rollout-wait", ["namespace": "default", "workloads": ["StatefulSet/db"]],
                clusters: clusters)
            #expect(try await wait.perform(context())["ready"] == 1)
            let after = try await client.get(.pods, namespace: "default", name: "db-0")
            #expect(after.uid != before.uid)
        }
    }

    @Test func `an old pod that is not ready and holds another rollout up in order is named`() async throws {
        try await withSet("OrderedReady", stalled: true) { _, client, clusters in
            _ = try await client.patch(
                .statefulSets, namespace: "default", name: "db", .merge,
                ["spec": ["template": ["metadata": ["annotations": ["new": "yes"]]]]])
            let made = try action("kubernetes.rollout-wait", RolloutStartTests.inputs, clusters: clusters)
            let error = await refusal { _ = try await made.perform(context(time: HurriedTime())) }
            #expect(error?.hint?.contains("kubectl delete pod db-0") == true, "\(error?.message ?? "")")
        }
    }
}
