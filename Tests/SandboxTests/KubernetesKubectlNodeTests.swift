import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// Nodes and volumes of the stand-in as a real kubectl sees them.
@Suite(.enabled(if: KubernetesKubectl.isThere)) struct KubernetesKubectlNodeTests {
    private static let manifests = """
        apiVersion: v1
        kind: Node
        metadata: {name: second}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: default}
        spec:
          replicas: 4
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: "registry.example.com/web:1"}]}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: default}
        spec: {minAvailable: 3, selector: {matchLabels: {app: web}}}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent, namespace: default}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec: {containers: [{name: agent, image: "registry.example.com/agent:1"}]}
        """

    private static func run(_ body: @Sendable (KubernetesCluster, KubernetesKubectl) async throws -> Void) async throws
    {
        try await KubernetesCluster.run { cluster in
            let kubectl = try KubernetesKubectl(kubeconfig: try await cluster.standIn.kubeconfig())
            let applied = try await kubectl("apply", "--server-side", "-f", "-", input: manifests)
            #expect(applied.status == 0, "\(applied.errors)")
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 4 }
            try await cluster.wait("apps/v1", "DaemonSet", "agent") { $0.at(path: "status.numberReady") == 2 }
            try await body(cluster, kubectl)
        }
    }

    private static func nodes(_ cluster: KubernetesCluster, app: String) -> [String] {
        cluster.standIn.objects(apiVersion: "v1", kind: "Pod").filter {
            $0.at(path: "metadata.labels.app") == .string(app) && $0.at(path: "metadata.deletionTimestamp") == nil
        }.compactMap { $0.at(path: "spec.nodeName")?.stringValue }
    }

    @Test func `it cordons a node, which then takes no new pods, and lets it take them again`() async throws {
        try await Self.run { cluster, kubectl in
            let cordoned = try await kubectl("cordon", "second")
            #expect(cordoned.output == "node/second cordoned\n", "\(cordoned.errors)")
            _ = try await kubectl("rollout", "restart", "deployment/web")
            let rollout = try await kubectl("rollout", "status", "deployment/web", "--timeout=30s")
            #expect(rollout.status == 0, "\(rollout.errors)")
            #expect(Set(Self.nodes(cluster, app: "web")) == ["sandbox-node-1"])
            let freed = try await kubectl("uncordon", "second")
            #expect(freed.output == "node/second uncordoned\n", "\(freed.errors)")
            #expect(cluster.object("v1", "Node", "second", namespace: "")?.at(path: "spec.unschedulable") == nil)
        }
    }

    @Test func `it drains a node as the disruption budget allows, and the daemon set stays`() async throws {
        try await Self.run { cluster, kubectl in
            #expect(Self.nodes(cluster, app: "web").contains("second"))
            let drained = try await kubectl("drain", "second", "--ignore-daemonsets", "--timeout=60s")
            #expect(drained.status == 0, "\(drained.errors)")
            #expect(drained.output.contains("node/second drained"))
            #expect(!Self.nodes(cluster, app: "web").contains("second"))
            #expect(Self.nodes(cluster, app: "agent").sorted() == ["sandbox-node-1", "second"])
        }
    }

    @Test func `a drain without room in the budget says so and waits`() async throws {
        try await Self.run { cluster, kubectl in
            _ = try await kubectl(
                "patch", "pdb", "web", "--type=merge", "-p", #"{"spec":{"minAvailable":4}}"#)
            try await cluster.wait("policy/v1", "PodDisruptionBudget", "web") {
                $0.at(path: "status.disruptionsAllowed") == 0 && $0.at(path: "status.desiredHealthy") == 4
            }
            let drained = try await kubectl("drain", "second", "--ignore-daemonsets", "--timeout=3s")
            #expect(drained.status == 1)
            #expect(drained.errors.contains("Cannot evict pod as it would violate the pod's disruption budget."))
            #expect(Self.nodes(cluster, app: "web").filter { $0 == "second" }.count == 2)
        }
    }

    @Test func `a claim grows where its class lets it, and never shrinks`() async throws {
        try await Self.run { cluster, kubectl in
            let pod = """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: data}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: db}
                spec:
                  containers: [{name: db, image: "registry.example.com/db:1"}]
                  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
                """
            _ = try await kubectl("apply", "--server-side", "-f", "-", input: pod)
            try await cluster.wait("v1", "Pod", "db") { $0.at(path: "status.phase") == "Running" }
            func resize(_ size: String) async throws -> KubernetesKubectl.Outcome {
                try await kubectl(
                    "patch", "pvc", "data", "--type=merge", "-p",
                    #"{"spec":{"resources":{"requests":{"storage":"\#(size)"}}}}"#)
            }
            #expect(try await resize("4Gi").status == 0)
            let waited = try await kubectl(
                "wait", "pvc/data", "--for=jsonpath={.status.capacity.storage}=4Gi", "--timeout=30s")
            #expect(waited.status == 0, "\(waited.errors)")
            #expect(try await resize("3Gi").errors.contains("field can not be less than status.capacity"))
            _ = try await kubectl("patch", "storageclass", "standard", "-p", #"{"allowVolumeExpansion":false}"#)
            #expect(
                try await resize("8Gi").errors.contains("the storageclass that provisions the pvc must support resize"))
        }
    }
}
