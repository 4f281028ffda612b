import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// The stand-in as a real kubectl sees it.
@Suite(.enabled(if: KubernetesKubectl.isThere)) struct KubernetesKubectlTests {
    private static let manifests = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: db, namespace: shop}
        stringData: {password: not-a-real-one}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db, namespace: shop}
        spec:
          serviceName: db
          replicas: 2
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec:
              containers:
              - name: db
                image: registry.example.com/db:1
                env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]
                volumeMounts: [{name: data, mountPath: /data}]
          volumeClaimTemplates:
          - metadata: {name: data}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: "registry.example.com/web:1", ports: [{containerPort: 8080}]}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
        """

    private static func run(_ body: @Sendable (KubernetesCluster, KubernetesKubectl) async throws -> Void) async throws
    {
        try await KubernetesCluster.run { cluster in
            try await body(cluster, try KubernetesKubectl(kubeconfig: try await cluster.standIn.kubeconfig()))
        }
    }

    @Test func itAppliesListsAndWaits() async throws {
        try await Self.run { _, kubectl in
            let applied = try await kubectl("apply", "--server-side", "-f", "-", input: Self.manifests)
            #expect(applied.status == 0, "\(applied.errors)")
            #expect(applied.output.contains("deployment.apps/web serverside-applied"))
            for name in ["statefulset/db", "deployment/web"] {
                let rollout = try await kubectl("-n", "shop", "rollout", "status", name, "--timeout=30s")
                #expect(rollout.status == 0, "\(rollout.errors)")
            }
            let ready = try await kubectl(
                "-n", "shop", "wait", "--for=condition=Ready", "pod", "--all", "--timeout=30s")
            #expect(ready.status == 0, "\(ready.errors)")
            let pods = try await kubectl("-n", "shop", "get", "pods", "--no-headers")
            let lines = pods.output.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines.allSatisfy { $0.contains("1/1") && $0.contains("Running") })
            let all = try await kubectl("get", "all,pvc,secret,ns", "-A", "-o", "name")
            #expect(all.output.contains("persistentvolumeclaim/data-db-1"))
            let logs = try await kubectl("-n", "shop", "logs", "deployment/web")
            #expect(logs.output == "web: started\n")
        }
    }

    @Test func itRestartsScalesAndGoesBack() async throws {
        try await Self.run { cluster, kubectl in
            _ = try await kubectl("apply", "--server-side", "-f", "-", input: Self.manifests)
            for steps in [
                ["rollout", "restart", "deployment/web"], ["scale", "deployment/web", "--replicas=3"],
                ["set", "image", "deployment/web", "web=registry.example.com/web:2"],
                ["rollout", "undo", "deployment/web"],
            ] {
                let step = try await kubectl(
                    "-n", "shop", steps[0], steps[1], steps[2], steps.count > 3 ? steps[3] : "-v=0")
                #expect(step.status == 0, "\(step.errors)")
                let rollout = try await kubectl("-n", "shop", "rollout", "status", "deployment/web", "--timeout=30s")
                #expect(rollout.status == 0, "\(rollout.errors)")
            }
            let web = try #require(cluster.object("apps/v1", "Deployment", "web", namespace: "shop"))
            #expect(web.at(path: "spec.template.spec.containers.0.image") == "registry.example.com/web:1")
            #expect(web.at(path: "status.availableReplicas") == 3)
        }
    }

    @Test func itSeesTheConflictOfTwoManagers() async throws {
        try await Self.run { _, kubectl in
            _ = try await kubectl("apply", "--server-side", "--field-manager=defimon", "-f", "-", input: Self.manifests)
            let changed = Self.manifests.replacing("registry.example.com/web:1", with: "registry.example.com/web:9")
            let refused = try await kubectl("apply", "--server-side", "--field-manager=helm", "-f", "-", input: changed)
            #expect(refused.status == 1)
            #expect(
                refused.errors.contains(
                    "Apply failed with 1 conflict: conflict with \"defimon\": "
                        + ".spec.template.spec.containers[name=\"web\"].image"))
            let forced = try await kubectl(
                "apply", "--server-side", "--force-conflicts", "--field-manager=helm", "-f", "-", input: changed)
            #expect(forced.status == 0, "\(forced.errors)")
        }
    }

    /// The columns of each whole line.
    private static func rows(_ output: String) -> [[String]] {
        output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }.filter { $0.count == 6 }
    }

    @Test func itWatchesARollout() async throws {
        try await Self.run { cluster, kubectl in
            async let watching = kubectl(
                "get", "deployments", "-A", "-w", "--no-headers",
                until: { Self.rows($0).contains { $0[2] == "2/2" && $0[4] == "2" } })
            _ = await eventually {
                cluster.standIn.requestCounts.keys.contains { $0.contains("watch=true") } ? true : nil
            }
            _ = try await kubectl("apply", "--server-side", "-f", "-", input: Self.manifests)
            let rows = Self.rows(try await watching.output)
            #expect(rows.first?[2] == "0/2")
            #expect(rows.last?[2] == "2/2")
        }
    }

    @Test func aStalledRolloutFailsInItsWords() async throws {
        try await Self.run { cluster, kubectl in
            cluster.standIn.setFailures { $0.stalledRollout = ["web"] }
            let manifests = Self.manifests.replacing(
                "metadata: {name: web, namespace: shop}\nspec:\n  replicas: 2",
                with: "metadata: {name: web, namespace: shop}\nspec:\n  progressDeadlineSeconds: 1\n  replicas: 2")
            _ = try await kubectl("apply", "--server-side", "-f", "-", input: manifests)
            let rollout = try await kubectl("-n", "shop", "rollout", "status", "deployment/web", "--timeout=30s")
            #expect(rollout.status == 1)
            #expect(rollout.errors.contains("deployment \"web\" exceeded its progress deadline"))
        }
    }

    @Test func itDeletesANamespaceAndWaitsUntilItIsGone() async throws {
        try await Self.run { cluster, kubectl in
            _ = try await kubectl("apply", "--server-side", "-f", "-", input: Self.manifests)
            let deleted = try await kubectl("delete", "namespace", "shop", "--timeout=30s")
            #expect(deleted.status == 0, "\(deleted.errors)")
            #expect(cluster.object("v1", "Namespace", "shop", namespace: "") == nil)
            #expect(cluster.standIn.objects(apiVersion: "v1", kind: "Pod").isEmpty)
        }
    }

    @Test func aKindThatIsNotServedIsSaidSo() async throws {
        try await Self.run { _, kubectl in
            let raw = try await kubectl("get", "--raw", "/api/v1/persistentvolumes")
            #expect(raw.status == 1)
            #expect(raw.errors.contains("this stand-in does not serve persistentvolumes"))
        }
    }
}
