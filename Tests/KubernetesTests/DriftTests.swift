import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// `kubernetes.drift`.
struct DriftTests {
    private static func config(_ name: String, _ value: String = "1") -> String {
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name), namespace: shop}, data: {value: '\(value)'}}"
    }

    private func run(
        _ body: @escaping @Sendable (KubernetesStandIn, ClusterDirectory, TemporaryFolder) async throws -> Void
    ) async throws {
        let root = try TemporaryFolder()
        try root.write(
            (["a", "b", "c"].map { DriftTests.config($0) } + [
                "{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: shop}, data: {password: aHVudGVyMg==}}"
            ]).joined(separator: "\n---\n"), to: "pool/all.yaml")
        try await withStandIn { standIn, clusters in
            let ensure = try action("kubernetes.namespace-ensure", ["namespace": "shop"], clusters: clusters)
            _ = try await ensure.perform(context())
            try await body(standIn, clusters, root)
        }
    }

    private func drift(_ clusters: ClusterDirectory, _ root: TemporaryFolder) async throws -> JSONValue {
        try await action("kubernetes.drift", ["folder": "pool"], clusters: clusters, root: root.url.path)
            .perform(context())
    }

    private func apply(_ clusters: ClusterDirectory, _ root: TemporaryFolder) async throws {
        _ = try await action(
            "kubernetes.apply", ["folder": "pool", "prune": true], clusters: clusters, root: root.url.path
        ).perform(context())
    }

    @Test func aClusterAsTheFolderSaysHasNone() async throws {
        try await run { _, clusters, root in
            try await apply(clusters, root)
            let found = try await drift(clusters, root)
            #expect(found["summary"] == "all is as the folder says (4 objects)")
            #expect(found["table"] == nil)
            #expect([found["objects"], found["drifted"], found["missing"], found["extra"]] == [4, 0, 0, 0])
        }
    }

    @Test func whatPeopleChangedDeletedAndLeftIsNamedAndNothingIsChanged() async throws {
        try await run { standIn, clusters, root in
            try root.write(DriftTests.config("old"), to: "pool/old.yaml")
            try await apply(clusters, root)
            let client = try clusters.client("test")
            let type = ApplySet.parentType
            // By another manager, who then owns the field: a plain apply would be a conflict.
            _ = try await client.send(
                "PATCH", type.path(namespace: "shop", name: "a"), query: [("fieldManager", "kubectl-edit")],
                body: ["data": ["value": "9"]], contentType: "application/merge-patch+json")
            _ = try await client.send(
                "PATCH", ResourceType.secrets.path(namespace: "shop", name: "key"),
                query: [("fieldManager", "kubectl-edit")], body: ["data": ["password": "c2VzYW1l"]],
                contentType: "application/merge-patch+json")
            try await client.delete(type, namespace: "shop", name: "b")
            try FileManager.default.removeItem(atPath: root.path("pool/old.yaml"))
            standIn.resetRequestCounts()
            let found = try await drift(clusters, root)
            #expect([found["objects"], found["drifted"], found["missing"], found["extra"]] == [4, 2, 1, 1])
            #expect(found["summary"] == "2 of 4 objects differ, 1 is missing, 1 not in the folder")
            #expect(
                found["details"]
                    == """
                    Secret shop/key: data.password: changed (<secret>)
                    ConfigMap shop/a: data.value: 9 → 1
                    ConfigMap shop/b: missing
                    ConfigMap shop/old: not in the folder
                    """)
            #expect(found["table"]?.stringValue?.split(separator: "\n").first == "OBJECT              DIFFERENCE")
            #expect(!"\(found)".contains("c2VzYW1l") && !"\(found)".contains("aHVudGVyMg"))
            #expect(
                standIn.requestCounts.keys.filter { !$0.hasPrefix("GET") }.allSatisfy { $0.hasSuffix("dryRun=All") })
            #expect(
                standIn.object(apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "a")?["data"]
                    == ["value": "9"])
        }
    }
}
