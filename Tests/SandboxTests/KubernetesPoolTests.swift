import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// The manifests that ship, as kubectl applies them to the stand-in.
@Suite(.enabled(if: KubernetesKubectl.isThere)) struct KubernetesPoolTests {
    /// A pool, the secrets that it needs with their keys, and how many workloads it has.
    struct Pool: Sendable, CustomStringConvertible {
        var name: String
        var folders: [String]
        var secrets: [(String, [String])]
        var workloads: Int
        var description: String { name }
    }

    private static let common = [
        ("postgresql-secrets", ["username", "password", "replication-password"]), ("redis-secrets", ["password"]),
        ("grafana-secrets", ["admin-password"]),
    ]
    static let pools = [
        Pool(
            name: "analytics", folders: ["kubernetes", "databases", "replicas", "services", "monitoring"],
            secrets: common + [("clickhouse-secrets", ["username", "password"])], workloads: 11),
        Pool(
            name: "ml",
            folders: ["kubernetes", "databases", "services", "replicas", "models", "training", "monitoring"],
            secrets: common + [("mlflow-secrets", ["username", "password"])], workloads: 9),
    ]

    private static func manifests(_ pool: Pool) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: "deploy/\(pool.name)-pool")
        let parts = try pool.folders.flatMap { part in
            try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: part).path).sorted()
                .filter { $0.hasSuffix(".yaml") }.map { "\(part)/\($0)" }
        }
        let settings = try String(contentsOf: folder.appending(path: "deployment/settings.yaml"), encoding: .utf8)
        let values = values(settings)
        // The namespace first, as the bot sorts them.
        let sorted = parts.filter { $0.hasSuffix("namespace.yaml") } + parts.filter { !$0.hasSuffix("namespace.yaml") }
        return try sorted.map { file in
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            // A value that is one whole template keeps its type, with the quotes of the settings.
            return text.replacing(/"\{\{([a-zA-Z_.]+)\}\}"/) { values[String($0.1)] ?? String($0.0) }
                .replacing(/\{\{([a-zA-Z_.]+)\}\}/) {
                    values[String($0.1)]?.replacing("\"", with: "") ?? String($0.0)
                }
        }.joined(separator: "\n---\n")
    }

    /// `images.NAME` and `settings.NAME` as they are written in the settings' file.
    private static func values(_ settings: String) -> [String: String] {
        var values: [String: String] = [:]
        var head = ""
        for line in settings.split(separator: "\n") {
            if let match = line.wholeMatch(of: /([a-z]+):\s*/) { head = String(match.1) }
            guard let match = line.prefixMatch(of: #/  ([a-z_]+): ("[^"]*"|[^#\s]+)/#) else { continue }
            let value = match.2.contains("{{env.") ? "pool.example.com" : String(match.2)
            values["\(head).\(match.1)"] = value
        }
        return values
    }

    @Test(arguments: pools) func aPoolBecomesReadyWithItsSecrets(_ pool: Pool) async throws {
        try await KubernetesCluster.run { cluster in
            let kubectl = try KubernetesKubectl(
                kubeconfig: try await cluster.standIn.kubeconfig(namespace: pool.name))
            let manifests = try Self.manifests(pool)
            let applied = try await kubectl("apply", "--server-side", "-f", "-", input: manifests)
            #expect(applied.status == 0, "\(applied.errors)")
            // Without its secret a database waits, and says for which.
            let reason = await eventually {
                cluster.object("v1", "Pod", "postgresql-0", namespace: pool.name)?
                    .at(path: "status.containerStatuses.0.state.waiting.reason")?.stringValue
                    .flatMap { $0 == "CreateContainerConfigError" ? $0 : nil }
            }
            #expect(reason != nil)
            for (name, keys) in pool.secrets {
                let data = keys.map { "\($0): not-a-real-one" }.joined(separator: ", ")
                try await cluster.apply(
                    "/api/v1/namespaces/\(pool.name)/secrets/\(name)",
                    "{apiVersion: v1, kind: Secret, metadata: {name: \(name)}, stringData: {\(data)}}")
            }
            let workloads = try await kubectl("get", "deployments,statefulsets", "-o", "name")
            let names = workloads.output.split(separator: "\n").map(String.init)
            #expect(names.count == pool.workloads)
            for name in names {
                let rollout = try await kubectl("rollout", "status", name, "--timeout=30s")
                #expect(rollout.status == 0, "\(name): \(rollout.output) \(rollout.errors)")
            }
            let before = cluster.object("apps/v1", "StatefulSet", "postgresql", namespace: pool.name)
            let again = try await kubectl("apply", "--server-side", "-f", "-", input: manifests)
            #expect(again.status == 0, "\(again.errors)")
            #expect(cluster.object("apps/v1", "StatefulSet", "postgresql", namespace: pool.name) == before)
        }
    }
}
