import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct NamespaceTests {
    private static let path = "/api/v1/namespaces/preview"
    private static let inputs: [String: JSONValue] = ["namespace": "preview"]
    private static let ours: JSONValue = [
        "kind": "Namespace", "metadata": ["name": "preview", "labels": ["app.kubernetes.io/managed-by": "defimon"]],
    ]

    @Test func aMissingNamespaceIsMadeOnce() async throws {
        let store = ObjectStore()
        try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.namespace-ensure", NamespaceTests.inputs, clusters: clusters)
            #expect(try await plan(made, context()).changes == ["Namespace preview: new"])
            #expect(try await made.perform(context())["created"] == true)
            #expect(try await made.perform(context())["created"] == false)
            #expect(try await plan(made, context()).changes.isEmpty)
        }
        #expect(store.changes.count == 1)
    }

    @Test func aNamespaceOfSomebodyElseIsLeftAsItIs() async throws {
        let store = ObjectStore()
        store.put(["kind": "Namespace", "metadata": ["name": "preview"]], at: NamespaceTests.path)
        try await withCluster({ store.answer($0) }) { clusters in
            let ensure = try action("kubernetes.namespace-ensure", NamespaceTests.inputs, clusters: clusters)
            #expect(try await ensure.perform(context())["created"] == false)
            let delete = try action("kubernetes.namespace-delete", NamespaceTests.inputs, clusters: clusters)
            let error = await refusal { _ = try await delete.perform(context()) }
            #expect(error?.message.contains("was not made by the bot") == true)
        }
        #expect(store.changes.isEmpty)
    }

    @Test func aNamespaceThatIsBeingDeletedIsWaitedForAndThenMadeAnew() async throws {
        let ending = NamespaceTests.path
        let store = ObjectStore { asked in
            guard asked.query["watch"] == "true" else { return nil }
            return .stream(
                [
                    #"{"type":"DELETED","object":{"kind":"Namespace","metadata":{"name":"preview","resourceVersion":"900"}}}"#
                        + "\n"
                ],
                end: .open)
        }
        var terminating = ObjectStore.merged(
            NamespaceTests.ours, ["metadata": ["deletionTimestamp": "2026-03-01T10:00:00Z"]])
        terminating = ObjectStore.merged(terminating, ["status": ["phase": "Terminating"]])
        store.put(terminating, at: ending)
        let told = Recorder<String>()
        let output = try await withCluster({ asked in
            if asked.method == "PATCH" { store.remove(ending) }
            return store.answer(asked)
        }) { clusters in
            let made = try action("kubernetes.namespace-ensure", NamespaceTests.inputs, clusters: clusters)
            return try await made.perform(context { told.add($0) })
        }
        #expect(output["created"] == true)
        #expect(told.all.first?.contains("waits") == true)
    }

    @Test func aNamespaceThatDoesNotEndIsAnErrorWithWhatHoldsIt() async throws {
        let store = ObjectStore()
        store.put(
            try JSONValue(
                parsing:
                    #"{"kind":"Namespace","metadata":{"name":"preview","deletionTimestamp":"2026-03-01T10:00:00Z"},"status":{"phase":"Terminating","conditions":[{"type":"NamespaceFinalizersRemaining","status":"True","message":"Some content has finalizers"}]}}"#
            ), at: NamespaceTests.path)
        let time = VirtualTime()
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.namespace-ensure", NamespaceTests.inputs, clusters: clusters)
            async let refused = refusal { _ = try await made.perform(context(time: time)) }
            await time.untilSleeping(1)
            time.advance(by: .seconds(121))
            return await refused
        }
        #expect(error?.message.contains("is being deleted") == true)
        #expect(error?.details == "Some content has finalizers")
        #expect(error?.retry == .later(afterMilliseconds: nil))
    }

    @Test func deletionWaitsUntilItIsGoneAndIsDoneOnce() async throws {
        let store = ObjectStore()
        store.put(NamespaceTests.ours, at: NamespaceTests.path)
        store.put(
            ["kind": "Deployment", "metadata": ["name": "a"]], at: "/apis/apps/v1/namespaces/preview/deployments/a")
        try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.namespace-delete", NamespaceTests.inputs, clusters: clusters)
            #expect(try await plan(made, context()).changes == ["Namespace preview: deleted, and with it 1 Deployment"])
            #expect(try await made.perform(context())["deleted"] == true)
            #expect(try await made.perform(context())["deleted"] == false)
            #expect(try await plan(made, context()).changes.isEmpty)
        }
        let deletes = store.changes
        #expect(deletes.count == 1)
        #expect(deletes[0].json["preconditions"]?["uid"] == .string("uid-\(NamespaceTests.path)"))
    }

    @Test(arguments: ["kube-system", "default", "kube-public", "kube-node-lease"])
    func whatBelongsToKubernetesIsNeverDeleted(name: String) throws {
        let problem = #expect(throws: Problem.self) {
            try action("kubernetes.namespace-delete", ["namespace": .string(name)], clusters: ClusterDirectory())
        }
        #expect(problem?.message.contains("never deleted") == true)
    }
}
