import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Memory limits that grow within a range and that deploys keep, against the whole API server in memory.
@Suite(.timeLimit(.minutes(3)))
struct MemoryResizeTests {
    private static func manifest(limit: String = "4Gi", most: String? = "8Gi") -> String {
        """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata:
          name: db
          namespace: shop
          annotations: {team: data\(most.map { ", defimon/memory-max: \"\($0)\"" } ?? "")}
        spec:
          serviceName: db
          replicas: 1
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec:
              containers:
                - {name: db, image: "r.test/db:1", resources: {requests: {cpu: "1", memory: 2Gi}, limits: {memory: \(limit)}}}
                - {name: metrics, image: "r.test/metrics:1"}
        """
    }

    /// A cluster, a folder that is applied to it, and what is kept.
    private struct World: Sendable {
        var clusters: ClusterDirectory
        var client: KubernetesClient
        let root: TemporaryFolder
        let kept = MemoryKeptValues()

        func made(_ name: String, _ inputs: [String: JSONValue]) throws -> any RepeatableAction {
            try action("kubernetes.\(name)", inputs, clusters: clusters, root: root.url.path)
        }

        func grow(_ size: String, key: String = "one", _ more: [String: JSONValue] = [:]) async throws -> JSONValue {
            try await made("memory-resize", inputs(size, more)).perform(context(key: key, kept: kept))
        }

        func planned(_ size: String, _ more: [String: JSONValue] = [:]) async throws -> [String] {
            try await plan(try made("memory-resize", inputs(size, more)), context(key: "plan", kept: kept)).changes
        }

        func apply() async throws -> JSONValue {
            try await made("apply", ["folder": "pool"]).perform(context(kept: kept))
        }

        func container() async throws -> JSONValue? {
            try await client.get(.statefulSets, namespace: "shop", name: "db").containers.first
        }

        func limit() async throws -> String? {
            try await container()?["resources"]?["limits"]?["memory"]?.stringValue
        }

        private func inputs(_ size: String, _ more: [String: JSONValue]) -> [String: JSONValue] {
            ["namespace": "shop", "name": "db", "size": .string(size)].merging(more) { $1 }
        }
    }

    private func withWorld(_ manifest: String = manifest(), _ body: @escaping @Sendable (World) async throws -> Void)
        async throws
    {
        let root = try TemporaryFolder()
        try root.write(manifest, to: "pool/db.yaml")
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"]])
            let world = World(clusters: clusters, client: client, root: root)
            _ = try await world.apply()
            try await body(world)
        }
    }

    @Test func `a limit grows by a share once, up to the workload's own maximum, and deploys keep it`() async throws {
        try await withWorld { world in
            #expect(
                try await world.planned("+25%") == [
                    "memory of db in StatefulSet shop/db: 4Gi → 5Gi, and its pods are replaced",
                    "memory of db in StatefulSet shop/db: deploys keep 5Gi",
                ])
            let grown = try await world.grow("+25%")
            #expect(grown["summary"] == "memory of db in StatefulSet shop/db goes from 4Gi to 5Gi; deploys keep it")
            #expect(grown["kind"] == "StatefulSet" && grown["changed"] == true && grown["after"] == "5Gi")
            #expect(world.kept.keys == ["override/kubernetes/test/StatefulSet/shop/db/memory/db"])
            // Nothing else of the container has changed.
            let container = try await world.container()
            #expect(container?["image"] == "r.test/db:1")
            #expect(container?["resources"]?["requests"] == ["cpu": "1", "memory": "2Gi"])

            // The bot was killed and does not know that it is done.
            let again = try await world.grow("+25%")
            #expect(again["changed"] == false)
            let value1 = try await world.limit()
            #expect(value1 == "5Gi")

            let applied = try await world.apply()
            #expect(applied["summary"]?.stringValue?.hasSuffix("1 size is not the manifests'") == true)
            #expect(
                applied["details"]?.stringValue?.hasPrefix(
                    "StatefulSet shop/db: memory of db 5Gi, set by olivia on 2026-09-21 with job 42 (manifests say 4Gi)"
                )
                    == true)
            let value2 = try await world.limit()
            #expect(value2 == "5Gi")

            let value3 = try await world.grow("+50%", key: "two")["after"]
            #expect(value3 == "8Gi")
            let error = await refusal { _ = try await world.grow("+1Gi", key: "three") }
            #expect(error?.message == "memory of db in StatefulSet shop/db has 8Gi, and may not grow beyond 8Gi")
            let beyond = await refusal { _ = try await world.grow("9Gi", key: "four") }
            #expect(
                beyond?.message == "9Gi is more than 8Gi, to which memory of db in StatefulSet shop/db may grow")
            let value4 = try await world.grow("9Gi", key: "five", ["max": "9Gi"])["after"]
            #expect(value4 == "9Gi")
        }
    }

    @Test func `what was raised and not kept, because the bot was killed between, is kept by the repetition`()
        async throws
    {
        try await withWorld { world in
            _ = try await world.grow("+25%")
            try await world.kept.remove("override/kubernetes/test/StatefulSet/shop/db/memory/db")
            let value5 = try await world.grow("+25%")["after"]
            #expect(value5 == "5Gi")
            #expect(world.kept.keys == ["override/kubernetes/test/StatefulSet/shop/db/memory/db"])
            let value6 = try await world.limit()
            #expect(value6 == "5Gi")
        }
    }

    @Test func `default goes back to the manifests with the next deploy, and larger manifests count by themselves`()
        async throws
    {
        try await withWorld { world in
            _ = try await world.grow("6Gi")
            try world.root.write(MemoryResizeTests.manifest(limit: "7Gi"), to: "pool/db.yaml")
            let value7 = try await world.apply()["summary"]
            #expect(value7 == "1 object, 1 changed")
            let value8 = try await world.limit()
            #expect(value8 == "7Gi")

            try world.root.write(MemoryResizeTests.manifest(), to: "pool/db.yaml")
            _ = try await world.apply()
            let value9 = try await world.limit()
            #expect(value9 == "6Gi")
            #expect(
                try await world.planned("default") == [
                    "memory of db in StatefulSet shop/db: 6Gi, set by olivia on 2026-09-21 with job 42: "
                        + "not kept any more; the next deploy sets what the manifests say"
                ])
            let value10 = try await world.grow("default")["changed"]
            #expect(value10 == true)
            #expect(world.kept.keys.isEmpty)
            let value11 = try await world.limit()
            #expect(value11 == "6Gi")
            _ = try await world.apply()
            let value12 = try await world.limit()
            #expect(value12 == "4Gi")
            #expect(
                try await world.grow("default")["summary"]
                    == "nothing was set for the memory of StatefulSet shop/db: deploys set what the manifests say")
        }
    }

    @Test(
        arguments: [
            ("3Gi", [:], "is 4Gi, and is not lowered to 3Gi", "default goes back"),
            ("5Gi", ["container": "nothing"], "has no container 'nothing'", "db, metrics"),
            ("5Gi", ["container": "metrics"], "metrics in StatefulSet shop/db has no memory limit", "in its manifest"),
            ("5Gi", ["name": "dp"], "there is no Deployment or StatefulSet 'dp'", "did you mean 'db'?"),
        ] as [(String, [String: JSONValue], String, String)])
    func `what cannot be is refused before anything is changed`(
        size: String, more: [String: JSONValue], words: String, hint: String
    ) async throws {
        try await withWorld { world in
            for attempt in [
                { _ = try await world.planned(size, more) }, { _ = try await world.grow(size, more) },
            ] as [() async throws -> Void] {
                let error = await refusal { try await attempt() }
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "it was done")")
                #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
            }
            let value13 = try await world.limit()
            #expect(value13 == "4Gi")
            #expect(world.kept.keys.isEmpty)
        }
    }

    @Test(arguments: [(nil, "says nowhere how much memory it may have"), ("much", "is 'much', no size")])
    func `without a range a share is refused`(most: String?, words: String) async throws {
        try await withWorld(MemoryResizeTests.manifest(most: most)) { world in
            let error = await refusal { _ = try await world.grow("+25%") }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "it was done")")
            let value14 = try await world.grow("+25%", key: "two", ["max": "5Gi"])["after"]
            #expect(value14 == "5Gi")
        }
    }
}
