import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// The manifests that ship, as kubectl applies them to the stand-in.
@Suite(.enabled(if: KubernetesKubectl.isThere)) struct KubernetesPoolTests {
    /// The values that the manifests ask for; text unless their field wants a number.
    private static let values = [
        "settings.api_min_replicas": "2", "settings.api_max_replicas": "6", "settings.api_target_cpu_percent": "70",
        "settings.domain": "\"analytics.example.com\"", "settings.alertmanager": "\"alertmanager.example.com:9093\"",
    ]

    private static func manifests() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let pool = root.appending(path: "deploy/analytics-pool")
        let parts = try ["kubernetes", "databases", "services", "monitoring"].flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: pool.appending(path: folder).path).sorted()
                .filter { $0.hasSuffix(".yaml") }.map { "\(folder)/\($0)" }
        }
        // The namespace first, as the bot sorts them.
        let sorted = parts.filter { $0.hasSuffix("namespace.yaml") } + parts.filter { !$0.hasSuffix("namespace.yaml") }
        return try sorted.map { filled(try String(contentsOf: pool.appending(path: $0), encoding: .utf8)) }
            .joined(separator: "\n---\n")
    }

    private static func filled(_ text: String) -> String {
        text.replacing(/"\{\{((?:settings|env|images)\.[a-zA-Z_]+)\}\}"/) { match in
            let name = String(match.1)
            if let value = values[name] { return value }
            if name.hasSuffix("_storage") || name.contains("_memory") { return "10Gi" }
            if name.hasSuffix("_cpu") || name.hasSuffix("_max_unavailable") { return "1" }
            return name.hasPrefix("images.") ? "registry.example.com/\(name.dropFirst(7)):1" : "example"
        }.replacing(/\{\{(?:settings|env)\.[a-zA-Z_]+\}\}/, with: "10")
    }

    @Test func theAnalyticsPoolBecomesReadyWithItsSecrets() async throws {
        try await KubernetesCluster.run { cluster in
            let kubectl = try KubernetesKubectl(
                kubeconfig: try await cluster.standIn.kubeconfig(namespace: "analytics"))
            let manifests = try Self.manifests()
            let applied = try await kubectl("apply", "--server-side", "-f", "-", input: manifests)
            #expect(applied.status == 0, "\(applied.errors)")
            // Without its secret a database waits, and says for which.
            let reason = await eventually {
                cluster.object("v1", "Pod", "postgresql-0", namespace: "analytics")?
                    .at(path: "status.containerStatuses.0.state.waiting.reason")?.stringValue
                    .flatMap { $0 == "CreateContainerConfigError" ? $0 : nil }
            }
            #expect(reason != nil)
            for (name, keys) in [
                ("postgresql-secrets", ["username", "password"]), ("redis-secrets", ["password"]),
                ("clickhouse-secrets", ["username", "password"]), ("grafana-secrets", ["admin-password"]),
            ] {
                let data = keys.map { "\($0): not-a-real-one" }.joined(separator: ", ")
                try await cluster.apply(
                    "/api/v1/namespaces/analytics/secrets/\(name)",
                    "{apiVersion: v1, kind: Secret, metadata: {name: \(name)}, stringData: {\(data)}}")
            }
            let workloads = try await kubectl("get", "deployments,statefulsets", "-o", "name")
            let names = workloads.output.split(separator: "\n").map(String.init)
            #expect(names.count == 7)
            for name in names {
                let rollout = try await kubectl("rollout", "status", name, "--timeout=30s")
                #expect(rollout.status == 0, "\(name): \(rollout.output) \(rollout.errors)")
            }
            let before = cluster.object("apps/v1", "StatefulSet", "postgresql", namespace: "analytics")
            let again = try await kubectl("apply", "--server-side", "-f", "-", input: manifests)
            #expect(again.status == 0, "\(again.errors)")
            #expect(cluster.object("apps/v1", "StatefulSet", "postgresql", namespace: "analytics") == before)
        }
    }
}
