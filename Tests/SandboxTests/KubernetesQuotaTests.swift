import Domain
import Foundation
import TestSupport
import Testing

@testable import Sandbox

/// Quotas, limit ranges and namespaces that do not end, as a cluster's users meet them.
struct KubernetesQuotaTests {
    private static let quota = """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: compute}
        spec: {hard: {pods: "3", requests.cpu: "1", limits.memory: 2Gi, requests.storage: 5Gi, services.nodeports: "0"}}
        """

    private static func pod(_ name: String, _ resources: String) -> String {
        "{apiVersion: v1, kind: Pod, metadata: {name: \(name)}, spec: {containers: [{name: web, image: 'web:1', "
            + "resources: \(resources)}]}}"
    }

    private static func withQuota(
        _ more: [(String, String)] = [], _ body: @Sendable (KubernetesCluster) async throws -> Void
    )
        async throws
    {
        try await KubernetesCluster.run { cluster in
            for (path, object) in [("resourcequotas/compute", quota)] + more {
                let made = try await cluster.apply("/api/v1/namespaces/default/\(path)", object)
                #expect(made.status == 201, "\(made.json)")
            }
            try await body(cluster)
        }
    }

    private static func make(_ cluster: KubernetesCluster, _ name: String, _ resources: String) async throws
        -> KubernetesCluster.Answer
    {
        try await cluster.apply("/api/v1/namespaces/default/pods/\(name)", pod(name, resources))
    }

    @Test func whatGoesBeyondAQuotaIsForbiddenInKubernetesWords() async throws {
        try await Self.withQuota { cluster in
            let fits = "{requests: {cpu: 600m}, limits: {memory: 1536Mi}}"
            #expect(try await Self.make(cluster, "web-1", fits).status == 201)
            let refused = try await Self.make(cluster, "web-0", "{requests: {cpu: 400m}, limits: {memory: 1Gi}}")
            #expect(refused.status == 403)
            #expect(refused.json["reason"] == "Forbidden")
            #expect(
                refused.json["message"]
                    == "pods \"web-0\" is forbidden: exceeded quota: compute, requested: limits.memory=1Gi, used: limits.memory=1536Mi, limited: limits.memory=2Gi"
            )
            #expect(refused.json["details"]?["kind"] == "pods")
            // To the last byte it may be used.
            #expect(
                try await Self.make(cluster, "web-2", "{requests: {cpu: 400m}, limits: {memory: 512Mi}}").status == 201)
            try await cluster.wait("v1", "ResourceQuota", "compute") {
                $0.at(path: "status.used.requests.cpu") == "1" && $0.at(path: "status.used.limits.memory") == "2Gi"
                    && $0.at(path: "status.hard.pods") == "3"
            }
        }
    }

    @Test func aContainerMustSayWhatAQuotaCounts() async throws {
        try await Self.withQuota { cluster in
            let refused = try await Self.make(cluster, "web", "{}")
            #expect(
                refused.json["message"]
                    == "pods \"web\" is forbidden: failed quota: compute: must specify limits.memory for: web; requests.cpu for: web"
            )
        }
    }

    @Test func whatALimitRangeGivesAContainerNeedNotSay() async throws {
        let range = """
            apiVersion: v1
            kind: LimitRange
            metadata: {name: bounds}
            spec:
              limits:
              - {type: Container, default: {memory: 256Mi}, defaultRequest: {cpu: 50m}, max: {memory: 1Gi}, min: {cpu: 10m}}
              - {type: PersistentVolumeClaim, max: {storage: 2Gi}}
            """
        try await Self.withQuota([("limitranges/bounds", range)]) { cluster in
            let made = try await Self.make(cluster, "web", "{}")
            #expect(
                made.json.at(path: "spec.containers.0.resources")
                    == ["requests": ["cpu": "50m", "memory": "256Mi"], "limits": ["memory": "256Mi"]])
            let big = try await Self.make(cluster, "big", "{requests: {cpu: 1m}, limits: {memory: 2Gi}}")
            #expect(
                big.json["message"]
                    == "pods \"big\" is forbidden: [minimum cpu usage per Container is 10m, but request is 1m, maximum memory usage per Container is 1Gi, but limit is 2Gi]"
            )
            let disk = try await cluster.apply(
                "/api/v1/namespaces/default/persistentvolumeclaims/d",
                "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 3Gi}}}}"
            )
            #expect(
                disk.json["message"]
                    == "persistentvolumeclaims \"d\" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi"
            )
        }
    }

    @Test func aServiceThatOpensPortsOfNodesIsCounted() async throws {
        try await Self.withQuota { cluster in
            func service(_ type: String) -> String {
                "{apiVersion: v1, kind: Service, metadata: {name: s-\(type.lowercased())}, spec: {type: \(type), ports: [{port: 80}]}}"
            }
            let path = "/api/v1/namespaces/default/services/s-"
            #expect(try await cluster.apply(path + "clusterip", service("ClusterIP")).status == 201)
            let refused = try await cluster.apply(path + "nodeport", service("NodePort"))
            #expect(
                refused.json["message"]?.stringValue?.hasSuffix(
                    "requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0")
                    == true)
        }
    }

    @Test func aDeploymentThatMeetsAQuotaSaysSoAndGoesOnWhenItIsRaised() async throws {
        try await Self.withQuota { cluster in
            let text = KubernetesManifests.deployment("web", replicas: 2).replacing(
                "        ports: [{containerPort: 8080}]",
                with: "        resources: {requests: {cpu: 600m}, limits: {memory: 1Gi}}")
            try await cluster.apply("/apis/apps/v1/namespaces/default/deployments/web", text)
            let stalled = try await cluster.wait("apps/v1", "Deployment", "web") { deployment in
                deployment.at(path: "status.conditions")?.arrayValue?.contains { $0["type"] == "ReplicaFailure" }
                    == true
            }
            let failure = stalled["status"]?["conditions"]?.arrayValue?.first { $0["type"] == "ReplicaFailure" }
            #expect(
                failure?["message"]?.stringValue?.contains("exceeded quota: compute, requested: requests.cpu=600m")
                    == true)
            try await cluster.apply(
                "/api/v1/namespaces/default/resourcequotas/compute",
                Self.quota.replacing("requests.cpu: \"1\"", with: "requests.cpu: \"2\""))
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 2 }
        }
    }

    @Test(
        arguments: [
            ("500m", "700m", "1200m"), ("1", "500m", "1500m"), ("1", "1", "2"), ("1Gi", "1Gi", "2Gi"),
            ("512Mi", "512Mi", "1Gi"), ("0", "2Gi", "2Gi"), ("1000", "1", "1001"), ("1k", "1k", "2k"),
            ("1.5", "1.5", "3"), ("1536Mi", "0", "1536Mi"),
        ])
    func sumsAreExactAndWrittenShort(left: String, right: String, sum: String) throws {
        let amounts = try [left, right].map { try #require(KubernetesQuantity(.string($0))) }
        #expect((amounts[0] + amounts[1]).text == sum)
    }

    @Test(arguments: ["", "Gi", "1Gib", "one", "99999999999999999999"])
    func whatIsNoAmountIsNone(text: String) { #expect(KubernetesQuantity(.string(text)) == nil) }

    @Test(.enabled(if: KubernetesKubectl.isThere)) func kubectlShowsAndMeetsAQuotaAndANamespaceThatHangs() async throws
    {
        try await Self.withQuota { cluster in
            let kubectl = try KubernetesKubectl(kubeconfig: try await cluster.standIn.kubeconfig())
            try await cluster.wait("v1", "ResourceQuota", "compute") { $0.at(path: "status.used.pods") == "0" }
            let shown = try await kubectl("get", "quota")
            #expect(shown.output.contains("pods: 0/3, requests.cpu: 0/1"), "\(shown.output) \(shown.errors)")
            #expect(shown.output.contains("limits.memory: 0/2Gi"))
            let described = try await kubectl("describe", "quota", "compute")
            #expect(described.output.contains("requests.storage"), "\(described.errors)")
            let resources = "{requests: {cpu: 2}, limits: {memory: 1Gi}}"
            let refused = try await kubectl("create", "-f", "-", input: Self.pod("p", resources))
            #expect(refused.errors.contains("pods \"p\" is forbidden: exceeded quota: compute"), "\(refused.errors)")

            let held = """
                {apiVersion: v1, kind: Namespace, metadata: {name: held}}
                ---
                {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: held, finalizers: [example.com/hold]}}
                """
            _ = try await kubectl("apply", "--server-side", "-f", "-", input: held)
            _ = try await kubectl("delete", "namespace", "held", "--wait=false")
            try await cluster.wait("v1", "Namespace", "held", namespace: "") { namespace in
                namespace.at(path: "status.conditions")?.arrayValue?.contains {
                    $0["type"] == "NamespaceFinalizersRemaining"
                        && $0["message"]
                            == "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"
                } == true
            }
            let patched = try await kubectl(
                "-n", "held", "patch", "configmap", "c", "--type=merge", "-p", "{\"metadata\":{\"finalizers\":null}}")
            #expect(patched.status == 0, "\(patched.errors)")
            let gone = try await kubectl("wait", "--for=delete", "namespace/held", "--timeout=30s")
            #expect(gone.status == 0, "\(gone.errors)")
        }
    }
}
