import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Replicas, bounds and images of workloads, against the whole API server in memory.
@Suite(.timeLimit(.minutes(3)))
struct ScaleTests {
    private static let workload: [String: JSONValue] = ["namespace": "n", "kind": "Deployment", "name": "api"]

    private func inputs(_ more: [String: JSONValue]) -> [String: JSONValue] { ScaleTests.workload.merging(more) { $1 } }

    private func container(_ name: String, _ image: String) -> JSONValue {
        ["name": .string(name), "image": .string(image)]
    }

    /// A namespace with a Deployment of two replicas, and perhaps its autoscaler.
    private func withDeployment(
        containers: [JSONValue]? = nil, isAutoscaled: Bool = false,
        _ body: @escaping @Sendable (KubernetesClient, ClusterDirectory) async throws -> Void
    ) async throws {
        let containers = containers ?? [container("api", "registry.example/api:1.2")]
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
            let labels: JSONValue = ["app": "api"]
            _ = try await client.create(
                .deployments, namespace: "n",
                [
                    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "api", "namespace": "n"],
                    "spec": [
                        "replicas": 2, "selector": ["matchLabels": labels],
                        "template": ["metadata": ["labels": labels], "spec": ["containers": .array(containers)]],
                    ],
                ])
            if isAutoscaled {
                let cpu: JSONValue = ["type": "Utilization", "averageUtilization": 80]
                _ = try await client.create(
                    .autoscalers, namespace: "n",
                    [
                        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
                        "metadata": ["name": "api-scaler", "namespace": "n"],
                        "spec": [
                            "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "api"],
                            "minReplicas": 2, "maxReplicas": 4,
                            "metrics": [["type": "Resource", "resource": ["name": "cpu", "target": cpu]]],
                        ],
                    ])
            }
            try await body(client, clusters)
        }
    }

    @Test func `the replicas of a workload are set once, and their pods come`() async throws {
        try await withDeployment { client, clusters in
            let made = try action("kubernetes.scale", inputs(["replicas": 5]), clusters: clusters)
            let planned = try await plan(made, context())
            #expect(planned == ActionPlan(changes: ["Deployment n/api: replicas 2 → 5"]))
            #expect(try await made.perform(context())["before"] == 2)
            let again = try await made.perform(context())
            #expect(again["changed"] == false)
            #expect(again["summary"] == "Deployment n/api has 5 replicas already")
            #expect(try await plan(made, context()).changes.isEmpty)
            let ready: Int? = try await eventually {
                let found = try await client.get(.deployments, namespace: "n", name: "api")
                return found.number("status", "readyReplicas") == 5 ? 5 : nil
            }
            #expect(ready == 5)
            let fewer = try action("kubernetes.scale", inputs(["replicas": 0]), clusters: clusters)
            #expect(try await plan(fewer, context()).deletions == 1)
        }
    }

    @Test func `a number that an autoscaler decides is not set, and the autoscaler is named`() async throws {
        try await withDeployment(isAutoscaled: true) { client, clusters in
            let made = try action("kubernetes.scale", inputs(["replicas": 5]), clusters: clusters)
            for attempt in [{ _ = try await plan(made, context()) }, { _ = try await made.perform(context()) }]
                as [() async throws -> Void]
            {
                let error = await refusal { try await attempt() }
                #expect(error?.message.contains("the autoscaler api-scaler decides") == true)
                #expect(error?.message.contains("2 to 4") == true)
                #expect(error?.hint?.contains("kubernetes.autoscale") == true)
            }
            let found = try await client.get(.deployments, namespace: "n", name: "api")
            #expect(found.number("spec", "replicas") == 2)
        }
    }

    @Test func `the bounds of an autoscaler are set, and the workload follows`() async throws {
        try await withDeployment(isAutoscaled: true) { client, clusters in
            let made = try action("kubernetes.autoscale", inputs(["min": 3, "max": 8]), clusters: clusters)
            #expect(
                try await plan(made, context()).changes == [
                    "HorizontalPodAutoscaler n/api-scaler: minReplicas 2 → 3, maxReplicas 4 → 8"
                ])
            #expect(try await made.perform(context())["changed"] == true)
            #expect(try await made.perform(context())["changed"] == false)
            #expect(try await plan(made, context()).changes.isEmpty)
            let replicas: Int? = try await eventually {
                let found = try await client.get(.deployments, namespace: "n", name: "api")
                return found.number("spec", "replicas") == 3 ? 3 : nil
            }
            #expect(replicas == 3)
            let reversed = try action("kubernetes.autoscale", inputs(["min": 4, "max": 3]), clusters: clusters)
            let error = await refusal { _ = try await reversed.perform(context()) }
            #expect(error?.hint == "give a 'max' of 4 or more")
        }
    }

    @Test func `bounds without an autoscaler are refused`() async throws {
        try await withDeployment { _, clusters in
            let made = try action("kubernetes.autoscale", inputs(["min": 1, "max": 3]), clusters: clusters)
            let error = await refusal { _ = try await made.perform(context()) }
            #expect(error?.message.contains("no autoscaler decides about Deployment n/api") == true)
        }
    }

    @Test func `the image of a container is set, and the others keep theirs`() async throws {
        let two = [container("api", "registry.example/api:1.2"), container("proxy", "registry.example/proxy:7")]
        try await withDeployment(containers: two) { client, clusters in
            let made = try action(
                "kubernetes.set-image", inputs(["container": "api", "image": "registry.example/api:1.3"]),
                clusters: clusters)
            #expect(
                try await plan(made, context()).changes == [
                    "Deployment n/api: image of api registry.example/api:1.2 → registry.example/api:1.3"
                ])
            #expect(try await made.perform(context())["before"] == "registry.example/api:1.2")
            #expect(try await made.perform(context())["changed"] == false)
            let found = try await client.get(.deployments, namespace: "n", name: "api")
            #expect(found.images == ["registry.example/api:1.3", "registry.example/proxy:7"])
        }
    }

    @Test(arguments: [nil, "other"])
    func `a container must be named where there are several`(name: String?) async throws {
        try await withDeployment(containers: [container("api", "a:1"), container("proxy", "p:1")]) { _, clusters in
            var with: [String: JSONValue] = ["image": "a:2"]
            if let name { with["container"] = .string(name) }
            let made = try action("kubernetes.set-image", inputs(with), clusters: clusters)
            let error = await refusal { _ = try await made.perform(context()) }
            #expect(error?.hint == "name one with 'container': api, proxy")
        }
    }
}
