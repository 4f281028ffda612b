import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Objects that are deleted one by one, and CronJobs that are run by hand.
@Suite(.timeLimit(.minutes(3)))
struct DeleteAndTriggerTests {
    private func configMap(_ name: String, metadata: [String: JSONValue] = [:]) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": .object(metadata.merging(["name": .string(name)]) { $1 }),
        ]
    }

    private static let ours: JSONValue = ["app.kubernetes.io/managed-by": "defimon"]
    private static let maps = ResourceType("v1", "ConfigMap", "configmaps")

    private func inputs(_ more: [String: JSONValue] = [:]) -> [String: JSONValue] {
        ["kind": "ConfigMap", "namespace": "default", "name": "c"].merging(more) { $1 }
    }

    @Test func `an object of ours is deleted once, and what is gone is done already`() async throws {
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                DeleteAndTriggerTests.maps, namespace: "default",
                configMap("c", metadata: ["labels": DeleteAndTriggerTests.ours]))
            let made = try action("kubernetes.delete", inputs(), clusters: clusters)
            let planned = try await plan(made, context())
            #expect(planned.changes == ["ConfigMap default/c: deleted, and with it what belongs to it"])
            #expect(planned.deletions == 1)
            #expect(try await made.perform(context())["deleted"] == true)
            #expect(try await client.find(DeleteAndTriggerTests.maps, namespace: "default", name: "c") == nil)
            let again = try await made.perform(context())
            #expect(again["deleted"] == false)
            #expect(again["summary"] == "ConfigMap default/c is not there: nothing to do")
            #expect(try await plan(made, context()).changes.isEmpty)
        }
    }

    @Test func `an object of somebody else is deleted only when that is said`() async throws {
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(DeleteAndTriggerTests.maps, namespace: "default", configMap("c"))
            let made = try action("kubernetes.delete", inputs(), clusters: clusters)
            for attempt in [{ _ = try await plan(made, context()) }, { _ = try await made.perform(context()) }]
                as [() async throws -> Void]
            {
                let error = await refusal { try await attempt() }
                #expect(error?.message.contains("was not made by the bot") == true)
                #expect(error?.hint?.contains("'anyway: true'") == true)
            }
            // What the bot applied is its own, label or not.
            _ = try await client.apply(
                DeleteAndTriggerTests.maps, namespace: "default", name: "d",
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "d"], "data": ["a": "b"]])
            let applied = try action("kubernetes.delete", inputs(["name": "d"]), clusters: clusters)
            #expect(try await applied.perform(context())["deleted"] == true)
            let anyway = try action("kubernetes.delete", inputs(["anyway": true]), clusters: clusters)
            #expect(try await anyway.perform(context())["deleted"] == true)
        }
    }

    @Test(arguments: ["Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition", "Node"])
    func `a kind that takes more with it must be allowed`(kind: String) async throws {
        let store = ObjectStore()
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.delete", ["kind": .string(kind), "name": "x"], clusters: clusters)
            return await refusal { _ = try await made.perform(context()) }
        }
        #expect(error?.message == "\(kind) x is not deleted: a \(kind) takes more with it than itself")
        #expect(error?.hint == "where that is meant, give 'allow: [\(kind)]'")
        #expect(store.asked.all.isEmpty)
    }

    @Test func `a claim is deleted when claims are allowed, and a namespace of Kubernetes never`() async throws {
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                .volumeClaims, namespace: "default",
                [
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim",
                    "metadata": ["name": "c", "labels": DeleteAndTriggerTests.ours],
                    "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
                ])
            let claim = inputs(["kind": "PersistentVolumeClaim", "allow": ["PersistentVolumeClaim"]])
            let made = try action("kubernetes.delete", claim, clusters: clusters)
            #expect(try await made.perform(context())["deleted"] == true)
            let system = try action(
                "kubernetes.delete",
                ["kind": "Namespace", "name": "kube-system", "allow": ["Namespace"], "anyway": true],
                clusters: clusters)
            let error = await refusal { _ = try await system.perform(context()) }
            #expect(error?.message == "namespace kube-system belongs to Kubernetes itself and is never deleted")
        }
    }

    @Test func `what holds an object that does not go is named`() async throws {
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                DeleteAndTriggerTests.maps, namespace: "default",
                configMap(
                    "c", metadata: ["labels": DeleteAndTriggerTests.ours, "finalizers": ["example.com/keep"]]))
            let told = Recorder<String>()
            let made = try action("kubernetes.delete", inputs(), clusters: clusters)
            async let output = made.perform(context { told.add($0) })
            let words = await eventually { told.all.first { $0.contains("finalizers") } }
            #expect(words == "waits for its finalizers example.com/keep")
            _ = try await client.patch(
                DeleteAndTriggerTests.maps, namespace: "default", name: "c", .merge,
                ["metadata": ["finalizers": .null]])
            #expect(try await output["deleted"] == true)
        }
    }

    @Test(
        arguments: [
            (["kind": "Gadget"], "does not know Gadget of v1"),
            (["kind": "ConfigMap", "namespace": nil], "has a namespace"),
            (["kind": "Node", "allow": ["Node"]], "has no namespace"),
        ] as [([String: JSONValue?], String)])
    func `what cannot be is said`(change: [String: JSONValue?], words: String) async throws {
        try await withStandIn { _, clusters in
            var all = inputs()
            for (name, value) in change { all[name] = value }
            let made = try action("kubernetes.delete", all, clusters: clusters)
            let error = await refusal { _ = try await made.perform(context()) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test func `a kind that needs no permission is none to allow`() throws {
        #expect(throws: Problem.self) {
            try action("kubernetes.delete", inputs(["allow": ["ConfigMap"]]), clusters: ClusterDirectory())
        }
    }

    // MARK: CronJobs

    private func withCronJob(
        name: String = "report", _ body: @escaping @Sendable (KubernetesClient, ClusterDirectory) async throws -> Void
    ) async throws {
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                .cronJobs, namespace: "default",
                [
                    "apiVersion": "batch/v1", "kind": "CronJob", "metadata": ["name": .string(name)],
                    "spec": [
                        "schedule": "0 3 * * *",
                        "jobTemplate": [
                            "metadata": ["labels": ["team": "data"], "annotations": ["a": "b"]],
                            "spec": [
                                "template": [
                                    "spec": [
                                        "restartPolicy": "Never", "containers": [["name": "r", "image": "r.test/r:1"]],
                                    ]
                                ]
                            ],
                        ],
                    ],
                ])
            try await body(client, clusters)
        }
    }

    @Test func `a CronJob runs once for one step, however often that is tried, and again for another`() async throws {
        try await withCronJob { client, clusters in
            let made = try action(
                "kubernetes.cronjob-trigger", ["namespace": "default", "name": "report"], clusters: clusters)
            #expect(try await plan(made, context()).changes == ["CronJob default/report: one Job of it is made now"])
            #expect(try await client.list(.jobs, namespace: "default").objects.isEmpty)
            let output = try await made.perform(context())
            #expect(output["created"] == true)
            let again = try await made.perform(context())
            #expect(again["created"] == false)
            #expect(again["job"] == output["job"])
            #expect(try await plan(made, context()).changes.isEmpty)
            let name = try #require(output["job"]?.stringValue)
            let job = try await client.get(.jobs, namespace: "default", name: name)
            #expect(name.hasPrefix("report-manual-"))
            #expect(job.annotations["cronjob.kubernetes.io/instantiate"] == "manual")
            #expect(job.annotations["a"] == "b")
            #expect(job.labels["team"] == "data")
            #expect(job.isManaged)
            let cronJob = try await client.get(.cronJobs, namespace: "default", name: "report")
            #expect(job.controller?.uid == cronJob.uid)
            let waited = try action(
                "kubernetes.wait",
                ["api_version": "batch/v1", "kind": "Job", "namespace": "default", "name": .string(name)],
                clusters: clusters)
            #expect(try await waited.perform(context())["state"] == "1/1")
            #expect(try await made.perform(context(key: "another"))["created"] == true)
            #expect(try await client.list(.jobs, namespace: "default").objects.count == 2)
        }
    }

    @Test func `the Job of a CronJob with the longest name has a name that its pods can carry`() async throws {
        let longest = String(repeating: "a", count: 39) + "-" + String(repeating: "b", count: 12)
        try await withCronJob(name: longest) { _, clusters in
            let made = try action(
                "kubernetes.cronjob-trigger", ["namespace": "default", "name": .string(longest)], clusters: clusters)
            let name = try #require(try await made.perform(context())["job"]?.stringValue)
            #expect(name.count <= 63)
            #expect(name.hasPrefix(String(repeating: "a", count: 39) + "-manual-"))
        }
    }

    @Test func `a CronJob that is not there is said so`() async throws {
        try await withStandIn { _, clusters in
            let made = try action(
                "kubernetes.cronjob-trigger", ["namespace": "default", "name": "none"], clusters: clusters)
            let error = await refusal { _ = try await made.perform(context()) }
            #expect(error?.message.contains("cronjobs.batch \"none\" not found") == true)
        }
    }
}
