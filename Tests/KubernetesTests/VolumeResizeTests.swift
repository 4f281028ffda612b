import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Volumes that grow, against the whole API server in memory.
@Suite(.timeLimit(.minutes(3)))
struct VolumeResizeTests {
    private func inputs(_ more: [String: JSONValue]) -> [String: JSONValue] {
        ["namespace": "n"].merging(more) { $1 }
    }

    /// A StatefulSet `db` with claims from `data` and `log`, ready.
    private func withVolumes(
        replicas: Int = 2,
        _ body: @escaping @Sendable (KubernetesStandIn, KubernetesClient, ClusterDirectory) async throws -> Void
    ) async throws {
        try await withStandIn { standIn, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
            let claims = ["data", "log"].map { name -> JSONValue in
                [
                    "metadata": ["name": .string(name)],
                    "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "20Gi"]]],
                ]
            }
            _ = try await client.create(
                .statefulSets, namespace: "n",
                [
                    "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": "db"],
                    "spec": [
                        "replicas": .int(Int64(replicas)), "serviceName": "db",
                        "selector": ["matchLabels": ["app": "db"]], "volumeClaimTemplates": .array(claims),
                        "template": [
                            "metadata": ["labels": ["app": "db"]],
                            "spec": ["containers": [["name": "db", "image": "r.test/db:1"]]],
                        ],
                    ],
                ])
            let ready: Bool? = try await eventually {
                let set = try await client.get(.statefulSets, namespace: "n", name: "db")
                let bound = try await client.list(.volumeClaims, namespace: "n").objects
                    .filter { $0.text("status", "phase") == "Bound" }
                return set.number("status", "readyReplicas") == replicas && bound.count == replicas * 2 ? true : nil
            }
            try #require(ready == true)
            try await body(standIn, client, clusters)
        }
    }

    @Test func `a volume grows, is waited for, and has nothing to do the next time`() async throws {
        try await withVolumes { _, client, clusters in
            let made = try action(
                "kubernetes.volume-resize", inputs(["claim": "data-db-0", "size": "40GiB"]), clusters: clusters)
            let planned = try await plan(made, context())
            #expect(planned == ActionPlan(changes: ["PersistentVolumeClaim n/data-db-0: 20Gi → 40Gi"]))
            let output = try await made.perform(context())
            #expect(output["before"] == "20Gi")
            #expect(output["after"] == "40Gi")
            #expect(output["changed"] == true)
            let claim = try await client.get(.volumeClaims, namespace: "n", name: "data-db-0")
            #expect(claim.capacity == "40Gi")
            #expect(claim.condition("FileSystemResizePending") == nil)
            let again = try await made.perform(context())
            #expect(again["changed"] == false)
            #expect(again["summary"]?.stringValue?.hasSuffix("which is 40Gi or more: nothing to do") == true)
            #expect(try await plan(made, context()).changes.isEmpty)
        }
    }

    @Test(arguments: ["20Gi", "10Gi", "21G"])
    func `a volume is never made smaller`(size: String) async throws {
        try await withVolumes(replicas: 1) { standIn, client, clusters in
            let made = try action(
                "kubernetes.volume-resize", inputs(["claim": "data-db-0", "size": .string(size)]), clusters: clusters)
            #expect(try await plan(made, context()).changes.isEmpty)
            let output = try await made.perform(context())
            #expect(output["changed"] == false)
            #expect(output["after"] == "20Gi")
            #expect(try await client.get(.volumeClaims, namespace: "n", name: "data-db-0").requested == "20Gi")
        }
    }

    @Test func `all claims of a StatefulSet's template grow, and those of others do not`() async throws {
        try await withVolumes { _, client, clusters in
            let made = try action(
                "kubernetes.volume-resize",
                inputs(["stateful_set": "db", "template": "data", "size": "40Gi"]), clusters: clusters)
            #expect(
                try await plan(made, context()).changes == [
                    "PersistentVolumeClaim n/data-db-0: 20Gi → 40Gi", "PersistentVolumeClaim n/data-db-1: 20Gi → 40Gi",
                ])
            #expect(try await made.perform(context())["summary"] == "2 of 2 volumes have grown to 40Gi")
            #expect(try await client.get(.volumeClaims, namespace: "n", name: "log-db-0").capacity == "20Gi")
        }
    }

    @Test(
        arguments: [
            (["stateful_set": "db"], "has several volumeClaimTemplates", "name one with 'template': data, log"),
            (["stateful_set": "db", "template": "x"], "has no volumeClaimTemplate x", "data, log"),
            ([:], "not clear", "one of 'claim' and 'stateful_set'"),
            (["claim": "data-db-0", "stateful_set": "db"], "not clear", "one of 'claim' and 'stateful_set'"),
            (["claim": "none"], "persistentvolumeclaims \"none\" not found", "check the name"),
        ] as [([String: JSONValue], String, String)])
    func `what is meant must be clear`(choice: [String: JSONValue], words: String, hint: String) async throws {
        try await withVolumes(replicas: 1) { _, _, clusters in
            let made = try action(
                "kubernetes.volume-resize", inputs(choice.merging(["size": "40Gi"]) { $1 }), clusters: clusters)
            let error = await refusal { _ = try await made.perform(context()) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
        }
    }

    @Test func `a class that does not let volumes grow is named before anything is changed`() async throws {
        try await withVolumes { _, client, clusters in
            _ = try await client.patch(.storageClasses, name: "standard", .merge, ["allowVolumeExpansion": false])
            let made = try action(
                "kubernetes.volume-resize",
                inputs(["stateful_set": "db", "template": "data", "size": "40Gi"]), clusters: clusters)
            for attempt in [{ _ = try await plan(made, context()) }, { _ = try await made.perform(context()) }]
                as [() async throws -> Void]
            {
                let error = await refusal { try await attempt() }
                #expect(
                    error?.message
                        == "StorageClass standard of PersistentVolumeClaim n/data-db-0 does not let volumes grow "
                        + "(allowVolumeExpansion)")
                #expect(error?.hint?.contains("kubectl patch storageclass standard") == true)
            }
            try await client.delete(.storageClasses, name: "standard")
            let error = await refusal { _ = try await plan(made, context()) }
            #expect(error?.message.contains("names StorageClass standard, which is not there") == true)
        }
    }

    @Test func `a filesystem that waits for its pod names the pod, and a restart of it lets the next run end`()
        async throws
    {
        try await withVolumes(replicas: 1) { standIn, client, clusters in
            standIn.setFailures { $0.offlineGrowth = ["data-db-0"] }
            let made = try action(
                "kubernetes.volume-resize", inputs(["claim": "data-db-0", "size": "40Gi"]), clusters: clusters)
            let told = Recorder<String>()
            let error = await refusal { _ = try await made.perform(context(time: HurriedTime()) { told.add($0) }) }
            #expect(
                error?.message
                    == "PersistentVolumeClaim n/data-db-0: its volume has grown, and its filesystem grows when pod db-0 "
                    + "is restarted")
            #expect(error?.mayHaveTakenEffect == true)
            #expect(told.all.contains { $0.hasPrefix("0 of 1 have grown; data-db-0: its ") })
            #expect(told.all.contains { $0.hasSuffix("grows now, or when pod db-0 is restarted") })
            try await client.delete(.pods, namespace: "n", name: "db-0")
            #expect(try await made.perform(context())["after"] == "40Gi")
        }
    }

    @Test func `a size that cannot be is refused in the server's words`() async throws {
        let store = ObjectStore()
        store.put(
            [
                "kind": "PersistentVolumeClaim", "metadata": ["name": "c", "namespace": "n"],
                "spec": ["storageClassName": "s", "resources": ["requests": ["storage": "1Gi"]]],
                "status": [
                    "phase": "Bound", "capacity": ["storage": "1Gi"],
                    "allocatedResourceStatuses": ["storage": "ControllerResizeInfeasible"],
                    "conditions": [
                        ["type": "ControllerResizeError", "status": "True", "message": "larger than the driver can"]
                    ],
                ],
            ], at: "/api/v1/namespaces/n/persistentvolumeclaims/c")
        store.put(["allowVolumeExpansion": true], at: "/apis/storage.k8s.io/v1/storageclasses/s")
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action(
                "kubernetes.volume-resize", inputs(["claim": "c", "size": "9999999Pi"]), clusters: clusters)
            return await refusal { _ = try await made.perform(context()) }
        }
        #expect(error?.message == "PersistentVolumeClaim n/c does not grow: larger than the driver can")
    }

    @Test func `a share is added once, rounded up, and never beyond the bound`() async throws {
        try await withVolumes(replicas: 1) { _, client, clusters in
            func grow(_ key: String, _ more: [String: JSONValue] = [:]) async throws -> JSONValue {
                let all = inputs(["claim": "data-db-0", "size": "+20%", "max": "30Gi"].merging(more) { $1 })
                let made = try action("kubernetes.volume-resize", all, clusters: clusters)
                return try await made.perform(context(key: key))
            }
            let made = try action(
                "kubernetes.volume-resize", inputs(["claim": "data-db-0", "size": "+21%"]), clusters: clusters)
            #expect(
                try await plan(made, context()).changes == ["PersistentVolumeClaim n/data-db-0: 20Gi → 25Gi"])
            #expect(try await grow("one")["after"] == "24Gi")
            // The bot was killed and does not know that it is done.
            let again = try await grow("one")
            #expect(again["after"] == "24Gi" && again["changed"] == false)
            #expect(try await grow("two")["after"] == "29Gi")
            #expect(try await grow("three")["after"] == "30Gi")
            let error = await refusal { _ = try await grow("four") }
            #expect(error?.message.contains("has 30Gi, and may not grow beyond 30Gi") == true)
            let beyond = await refusal { _ = try await grow("five", ["size": "31Gi"]) }
            #expect(beyond?.message.hasPrefix("31Gi is more than 30Gi, to which PersistentVolumeClaim ") == true)
            let claim = try await client.get(.volumeClaims, namespace: "n", name: "data-db-0")
            #expect(claim.requested == "30Gi")
        }
    }

    @Test func `an amount is added once, and never beyond the bound`() async throws {
        try await withVolumes(replicas: 1) { _, _, clusters in
            func grow(_ key: String) async throws -> JSONValue {
                let all = inputs(["claim": "data-db-0", "size": "+7GiB", "max": "30GiB"])
                let made = try action("kubernetes.volume-resize", all, clusters: clusters)
                return try await made.perform(context(key: key))
            }
            #expect(try await grow("one")["after"] == "27Gi")
            let again = try await grow("one")
            #expect(again["after"] == "27Gi" && again["changed"] == false)
            #expect(try await grow("two")["after"] == "30Gi")
        }
    }

    @Test(arguments: ["+0%", "+0Gi", "+1000%", "20%", "+20", "40", "0Gi", "40 Gi", "-1Gi", "12345678Gi", "4.5Gi"])
    func `what is no size is refused at once`(size: String) throws {
        #expect(throws: Problem.self) {
            try action(
                "kubernetes.volume-resize", ["namespace": "n", "claim": "c", "size": .string(size)],
                clusters: ClusterDirectory())
        }
    }
}
