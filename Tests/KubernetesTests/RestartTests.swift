import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct RestartTests {
    private static let path = "/apis/apps/v1/namespaces/ethereum/statefulsets/geth-0"
    private static let inputs: [String: JSONValue] = ["namespace": "ethereum", "kind": "StatefulSet", "name": "geth-0"]

    @Test func theSameKeyRestartsOnceAndAnotherKeyAgain() async throws {
        let store = ObjectStore()
        store.put(
            ["kind": "StatefulSet", "metadata": ["name": "geth-0"], "spec": ["replicas": 1]], at: RestartTests.path)
        try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.rollout-restart", RestartTests.inputs, clusters: clusters)
            #expect(
                try await plan(made, context(key: "one")).changes == [
                    "StatefulSet ethereum/geth-0: its pod is replaced"
                ])
            #expect(store.changes.isEmpty)
            #expect(try await made.perform(context(key: "one"))["restarted"] == true)
            #expect(try await made.perform(context(key: "one"))["restarted"] == false)
            #expect(try await plan(made, context(key: "one")).changes.isEmpty)
            #expect(try await made.perform(context(key: "two"))["restarted"] == true)
        }
        #expect(store.changes.count == 2)
        #expect(store.changes[0].headers["content-type"] == "application/strategic-merge-patch+json")
        #expect(
            store[RestartTests.path]?["spec"]?["template"]?["metadata"]?["annotations"]?["defimon/restart"] == "two")
    }

    @Test func aWorkloadThatIsNotThereIsAnErrorForGood() async throws {
        let store = ObjectStore()
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.rollout-restart", RestartTests.inputs, clusters: clusters)
            return await refusal { _ = try await made.perform(context()) }
        }
        #expect(error?.retry == .never)
        #expect(error?.message.contains("StatefulSet ethereum/geth-0 cannot be restarted (cluster test)") == true)
    }

    @Test func aPausedDeploymentIsNotRestarted() async throws {
        let store = ObjectStore()
        store.put(
            ["kind": "Deployment", "metadata": ["name": "a"], "spec": ["paused": true]],
            at: "/apis/apps/v1/namespaces/n/deployments/a")
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action(
                "kubernetes.rollout-restart", ["namespace": "n", "kind": "Deployment", "name": "a"], clusters: clusters)
            return await refusal { _ = try await made.perform(context()) }
        }
        #expect(error?.hint?.contains("kubectl rollout resume deployment/a -n n") == true)
    }
}
