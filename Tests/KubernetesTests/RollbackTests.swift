import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

@Suite("Back to what was proven good", .timeLimit(.minutes(3)))
struct RollbackTests {
    private static func config(_ name: String, _ value: String) -> String {
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name), namespace: shop}, data: {value: '\(value)'}}"
    }

    private static func deployment(_ name: String, _ image: String, replicas: Int = 0) -> String {
        """
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: \(name), namespace: shop}, spec: {replicas: \(replicas), \
        selector: {matchLabels: {a: \(name)}}, template: {metadata: {labels: {a: \(name)}}, \
        spec: {containers: [{name: a, image: '\(image)'}]}}}}
        """
    }

    private static let claim =
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}"

    /// A folder in the cluster, and what the ledger keeps of it.
    private struct World {
        var clusters: ClusterDirectory
        var root: TemporaryFolder
        var kept = MemoryKeptValues()

        func write(_ name: String, _ documents: String...) throws {
            try root.write(documents.joined(separator: "\n---\n"), to: "pool/\(name)")
        }

        /// MemoryKeptValues says that everything was set by job 42.
        func context(job: JobID = 42) -> ActionContext {
            ActionContext(
                jobID: job, idempotencyKey: "k", attempt: 1, time: SystemTime(), kept: kept, progress: { _ in })
        }

        func make(_ name: String, _ more: [String: JSONValue] = [:]) throws -> any RepeatableAction & Sendable {
            try action(
                "kubernetes.\(name)", ["folder": "pool"].merging(more) { $1 }, clusters: clusters, root: root.url.path)
        }

        @discardableResult
        func run(_ name: String, _ more: [String: JSONValue] = [:], job: JobID = 42) async throws -> JSONValue {
            try await make(name, more).perform(context(job: job))
        }
    }

    private func world(_ body: @escaping @Sendable (World, KubernetesStandIn) async throws -> Void) async throws {
        let root = try TemporaryFolder()
        try await withStandIn { standIn, clusters in
            let world = World(clusters: clusters, root: root)
            let namespace = try action("kubernetes.namespace-ensure", ["namespace": "shop"], clusters: clusters)
            _ = try await namespace.perform(context())
            try await body(world, standIn)
        }
    }

    private static func image(_ name: String, _ standIn: KubernetesStandIn) -> String? {
        standIn.object(apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: name)?
            .at(path: "spec.template.spec.containers.0.image")?.stringValue
    }

    private static func value(_ name: String, _ standIn: KubernetesStandIn) -> String? {
        standIn.object(apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: name)?["data"]?["value"]?
            .stringValue
    }

    @Test("Workloads and their ConfigMaps go back, what is new goes away, what is gone comes back, volumes stay")
    func wholeFolder() async throws {
        try await world { world, standIn in
            try world.write(
                "all.yaml", RollbackTests.config("conf", "old"), RollbackTests.config("gone", "here"),
                RollbackTests.deployment("api", "r.test/api:1"))
            try await world.run("apply", ["keep": true, "prune": true])
            try await world.run("proven")

            try world.write(
                "all.yaml", RollbackTests.config("conf", "new"), RollbackTests.deployment("api", "r.test/api:2"),
                RollbackTests.deployment("extra", "r.test/extra:1"), RollbackTests.claim)
            try await world.run("apply", ["keep": true, "prune": true, "prune_anyway": true])
            #expect(RollbackTests.value("gone", standIn) == nil)

            let planned = try await plan(try world.make("rollback"), world.context())
            #expect(planned.deletions == 1)
            #expect(planned.changes.contains("Deployment shop/extra: deleted"))
            #expect(
                planned.changes.contains(
                    "Deployment shop/api: spec.template.spec.containers[a].image: r.test/api:2 → r.test/api:1"))
            #expect(RollbackTests.image("api", standIn) == "r.test/api:2")

            let output = try await world.run("rollback")
            #expect(RollbackTests.image("api", standIn) == "r.test/api:1")
            #expect(RollbackTests.value("conf", standIn) == "old")
            #expect(RollbackTests.value("gone", standIn) == "here")
            #expect(
                standIn.object(apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "extra")?
                    .at(path: "metadata.deletionTimestamp") != nil
                    || RollbackTests.image("extra", standIn) == nil)
            #expect(
                standIn.object(
                    apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "shop", name: "data") != nil)
            #expect(
                output["summary"]
                    == "back to what was proven good, set by olivia on 2026-09-21 with job 42: 3 objects, 3 changed, 1 deleted"
            )
            // A second time there is nothing left to do.
            let again = try await world.run("rollback")
            #expect(again["changed"] == 0)
            #expect(again["deleted"] == 0)
        }
    }

    @Test("What is excepted stays as it is, also what is new there")
    func databasesStay() async throws {
        try await world { world, standIn in
            try world.write("databases/db.yaml", RollbackTests.deployment("db", "r.test/db:1"))
            try world.write("databases-old.yaml", RollbackTests.config("beside", "1"))
            try world.write("api.yaml", RollbackTests.deployment("api", "r.test/api:1"))
            try await world.run("apply", ["keep": true])
            try await world.run("proven")
            try world.write(
                "databases/db.yaml", RollbackTests.deployment("db", "r.test/db:2"),
                RollbackTests.deployment("db-copy", "r.test/db:2"))
            try world.write("databases-old.yaml", RollbackTests.config("beside", "2"))
            try world.write("api.yaml", RollbackTests.deployment("api", "r.test/api:2"))
            try await world.run("apply", ["keep": true])

            let output = try await world.run("rollback", ["except": ["databases"]])
            #expect(RollbackTests.image("db", standIn) == "r.test/db:2")
            #expect(RollbackTests.image("db-copy", standIn) == "r.test/db:2")
            #expect(RollbackTests.image("api", standIn) == "r.test/api:1")
            #expect(RollbackTests.value("beside", standIn) == "1")
            #expect(output["summary"]?.stringValue?.hasSuffix("; left as they are: databases") == true)
        }
    }

    @Test("Of a job that has applied nothing, nothing is taken back")
    func ownOnly() async throws {
        try await world { world, standIn in
            try world.write("api.yaml", RollbackTests.deployment("api", "r.test/api:1"))
            try await world.run("apply", ["keep": true])
            try await world.run("proven")
            try world.write("api.yaml", RollbackTests.deployment("api", "r.test/api:2"))
            try await world.run("apply", ["keep": true])
            let output = try await world.run("rollback", ["own_only": true], job: 43)
            #expect(output["summary"] == "this job has applied nothing of pool, so nothing is taken back")
            #expect(RollbackTests.image("api", standIn) == "r.test/api:2")
            try await world.run("rollback", ["own_only": true])
            #expect(RollbackTests.image("api", standIn) == "r.test/api:1")
        }
    }

    @Test("Without anything proven good, and by a job that has applied nothing, it is said what to do")
    func nothingProven() async throws {
        try await world { world, _ in
            try world.write("api.yaml", RollbackTests.deployment("api", "r.test/api:1"))
            try await world.run("apply")
            let unproven = await refusal { try await world.run("proven") }
            #expect(unproven?.hint?.contains("'keep: true'") == true)
            try await world.run("apply", ["keep": true])
            let early = await refusal { try await world.run("rollback") }
            #expect(early?.message == "no manifests of pool have been proven good in cluster test yet")
            let other = await refusal { try await world.run("proven", job: 43) }
            #expect(other?.message.hasPrefix("this job has kept no manifests of pool") == true)
        }
    }

    /// Takes no manifests, as the ledger does where a secret is in them.
    private struct Choosy: KeptValues {
        var kept: MemoryKeptValues

        func value(_ key: String) async throws(ActionError) -> KeptValue? { try await kept.value(key) }
        func values(under beginning: String) async throws(ActionError) -> [KeptValue] {
            try await kept.values(under: beginning)
        }
        func set(_ key: String, _ value: JSONValue) async throws(ActionError) {
            if value.arrayValue != nil { throw ActionError("it has a secret in it") }
            try await kept.set(key, value)
        }
        func remove(_ key: String) async throws(ActionError) { try await kept.remove(key) }
    }

    @Test("A deploy whose manifests cannot be kept succeeds, and what was proven good before stays so")
    func notKeptIsNoFailure() async throws {
        try await world { world, standIn in
            try world.write("api.yaml", RollbackTests.deployment("api", "r.test/api:1"))
            try await world.run("apply", ["keep": true])
            try await world.run("proven")
            try world.write("api.yaml", RollbackTests.deployment("api", "r.test/api:2"))
            var choosy = world.context()
            choosy.kept = Choosy(kept: world.kept)
            let applied = try await world.make("apply", ["keep": true]).perform(choosy)
            #expect(
                applied["summary"]?.stringValue?.hasSuffix("not kept for a rollback: it has a secret in it") == true)
            let proven = try await world.make("proven").perform(choosy)
            #expect(proven["objects"] == 0)
            #expect(
                proven["summary"] == "a rollback goes back to what was good before this: it has a secret in it")
            try await world.run("rollback", ["own_only": true])
            #expect(RollbackTests.image("api", standIn) == "r.test/api:1")
        }
    }

    @Test("What cannot be kept is applied all the same, and it is said")
    func notKept() async throws {
        try await world { world, standIn in
            try world.write("api.yaml", RollbackTests.deployment("api", "r.test/api:1"))
            let made = try world.make("apply", ["keep": true])
            // The ledger of this context keeps nothing.
            let output = try await made.perform(context())
            #expect(
                output["summary"]?.stringValue?.contains("not kept for a rollback: nothing can be kept here") == true)
            #expect(RollbackTests.image("api", standIn) == "r.test/api:1")
        }
    }
}
