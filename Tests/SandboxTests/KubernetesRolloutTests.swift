import Domain
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

/// What the controllers make of workloads.
@Suite struct KubernetesRolloutTests {
    private static let path = "/apis/apps/v1/namespaces/default/deployments/web"

    private static func isComplete(_ object: JSONValue, replicas: Int) -> Bool {
        object.at(path: "status.observedGeneration") == object.at(path: "metadata.generation")
            && ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"].allSatisfy {
                object["status"]?[$0]?.intValue == replicas
            }
    }

    private static func condition(_ object: JSONValue, _ type: String) -> JSONValue? {
        object.at(path: "status.conditions")?.arrayValue?.first { $0["type"]?.stringValue == type }
    }

    private static func podNames(_ cluster: KubernetesCluster) -> Set<String> {
        Set(
            cluster.standIn.objects(apiVersion: "v1", kind: "Pod", namespace: "default")
                .compactMap { $0.at(path: "metadata.name")?.stringValue })
    }

    @Test func aDeploymentBecomesAvailable() async throws {
        try await KubernetesCluster.run { cluster in
            let made = try await cluster.apply(Self.path, KubernetesManifests.deployment("web"))
            // The answer comes before any controller has seen the object.
            #expect(made.json.at(path: "status.observedGeneration") == nil)
            let done = try await cluster.wait("apps/v1", "Deployment", "web") {
                Self.condition($0, "Progressing")?["reason"] == "NewReplicaSetAvailable"
            }
            #expect(Self.isComplete(done, replicas: 2))
            #expect(Self.condition(done, "Available")?["reason"] == "MinimumReplicasAvailable")
            #expect(done["metadata"]?["annotations"] == ["deployment.kubernetes.io/revision": "1"])
        }
    }

    @Test func aChangedTemplateReplacesThePodsWithoutGoingBelowTheLeast() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web", replicas: 4))
            let first = try await cluster.wait("apps/v1", "Deployment", "web") {
                Self.condition($0, "Progressing")?["reason"] == "NewReplicaSetAvailable"
            }
            let before = Self.podNames(cluster)
            let version = try #require(first.at(path: "metadata.resourceVersion")?.stringValue)
            let restart =
                #"{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-01T00:00:00Z"}}}}}"#
            try await cluster.send("PATCH", Self.path, restart, type: "application/strategic-merge-patch+json")
            let events = try await cluster.watch(
                "/apis/apps/v1/namespaces/default/deployments?watch=true&resourceVersion=\(version)"
            ) { event in
                event["object"].map {
                    Self.isComplete($0, replicas: 4) && $0.at(path: "metadata.generation") == 2
                        && Self.condition($0, "Progressing")?["reason"] == "NewReplicaSetAvailable"
                } ?? false
            }
            let available = events.compactMap { $0.at(path: "object.status.availableReplicas")?.intValue }
            #expect(available.allSatisfy { $0 >= 3 })
            let reasons = events.compactMap {
                $0["object"].flatMap { Self.condition($0, "Progressing")?["reason"]?.stringValue }
            }
            #expect(reasons.contains("ReplicaSetUpdated"))
            let gone = await eventually { Self.podNames(cluster).isDisjoint(with: before) ? true : nil }
            #expect(gone == true)
        }
    }

    @Test func aStatefulSetIsReplacedFromItsLastPodAndKeepsItsClaims() async throws {
        try await KubernetesCluster.run { cluster in
            let manifest = { (image: String) in
                """
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: db}
                spec:
                  serviceName: db
                  replicas: 3
                  selector: {matchLabels: {app: db}}
                  template:
                    metadata: {labels: {app: db}}
                    spec: {containers: [{name: db, image: "\(image)", volumeMounts: [{name: data, mountPath: /data}]}]}
                  volumeClaimTemplates:
                  - metadata: {name: data}
                    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
                """
            }
            let path = "/apis/apps/v1/namespaces/default/statefulsets/db"
            try await cluster.apply(path, manifest("registry.example.com/db:1"))
            let first = try await cluster.wait("apps/v1", "StatefulSet", "db") {
                $0.at(path: "status.readyReplicas") == 3
                    && $0.at(path: "status.currentRevision") == $0.at(path: "status.updateRevision")
            }
            #expect(Self.podNames(cluster) == ["db-0", "db-1", "db-2"])
            #expect(cluster.object("v1", "PersistentVolumeClaim", "data-db-2")?.at(path: "status.phase") == "Bound")
            let claim = cluster.object("v1", "PersistentVolumeClaim", "data-db-0")?.at(path: "metadata.uid")
            let version = try #require(first.at(path: "metadata.resourceVersion")?.stringValue)
            try await cluster.apply(path, manifest("registry.example.com/db:2"))
            let done = try await cluster.wait("apps/v1", "StatefulSet", "db") {
                $0.at(path: "status.updatedReplicas") == 3 && $0.at(path: "status.readyReplicas") == 3
                    && $0.at(path: "status.currentRevision") == $0.at(path: "status.updateRevision")
                    && $0.at(path: "status.observedGeneration") == 2
            }
            #expect(done.at(path: "status.currentRevision") != first.at(path: "status.currentRevision"))
            #expect(cluster.object("v1", "PersistentVolumeClaim", "data-db-0")?.at(path: "metadata.uid") == claim)
            var order: [String] = []
            _ = try await cluster.watch("/api/v1/namespaces/default/pods?watch=true&resourceVersion=\(version)") {
                if $0["type"] == "DELETED" { order.append($0.at(path: "object.metadata.name")?.stringValue ?? "") }
                return order.count == 3
            }
            #expect(order == ["db-2", "db-1", "db-0"])
        }
    }

    @Test func aDaemonSetAndAJobFinish() async throws {
        try await KubernetesCluster.run { cluster in
            let spec = "spec: {restartPolicy: Never, containers: [{name: m, image: \"registry.example.com/m:1\"}]}"
            try await cluster.apply(
                "/apis/batch/v1/namespaces/default/jobs/m",
                "{apiVersion: batch/v1, kind: Job, metadata: {name: m}, spec: {template: {\(spec)}}}")
            let job = try await cluster.wait("batch/v1", "Job", "m") {
                Self.condition($0, "Complete")?["status"] == "True"
            }
            #expect(job.at(path: "status.succeeded") == 1)
            #expect(job.at(path: "status.completionTime") != nil)
            let daemon = spec.replacing("restartPolicy: Never, ", with: "")
            try await cluster.apply(
                "/apis/apps/v1/namespaces/default/daemonsets/d",
                """
                {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: d}, spec: {selector: {matchLabels: {app: d}},
                template: {metadata: {labels: {app: d}}, \(daemon)}}}
                """)
            let set = try await cluster.wait("apps/v1", "DaemonSet", "d") { $0.at(path: "status.numberAvailable") == 1 }
            #expect(set.at(path: "status.updatedNumberScheduled") == 1)
        }
    }

    @Test func aPodWaitsForASecretThatIsMissing() async throws {
        try await KubernetesCluster.run { cluster in
            let manifest = KubernetesManifests.deployment("web", replicas: 1).replacing(
                "    ports:",
                with: "    env: [{name: P, valueFrom: {secretKeyRef: {name: pg, key: password}}}]\n        ports:")
            try await cluster.apply(Self.path, manifest)
            let pod = await eventually {
                cluster.standIn.objects(apiVersion: "v1", kind: "Pod", namespace: "default").first {
                    $0.at(path: "status.containerStatuses.0.state.waiting.reason") == "CreateContainerConfigError"
                }
            }
            #expect(
                pod?.at(path: "status.containerStatuses.0.state.waiting.message") == "secret \"pg\" not found")
            try await cluster.apply(
                "/api/v1/namespaces/default/secrets/pg",
                "{apiVersion: v1, kind: Secret, metadata: {name: pg}, stringData: {password: abc}}")
            try await cluster.wait("apps/v1", "Deployment", "web") { Self.isComplete($0, replicas: 1) }
        }
    }

    @Test func anAutoscalerRaisesADeploymentWithoutReplicas() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web", replicas: nil))
            try await cluster.apply(
                "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web",
                """
                {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web}, spec: {minReplicas: 3,
                maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}
                """)
            try await cluster.wait("apps/v1", "Deployment", "web") { Self.isComplete($0, replicas: 3) }
            // A manifest without replicas does not undo that.
            let again = try await cluster.apply(Self.path, KubernetesManifests.deployment("web", replicas: nil))
            #expect(again.json.at(path: "spec.replicas") == 3)
        }
    }

    @Test func whatADeploymentMadeGoesWithIt() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web"))
            try await cluster.wait("apps/v1", "Deployment", "web") { Self.isComplete($0, replicas: 2) }
            let gone = try await cluster.send("DELETE", Self.path)
            #expect(gone.json["status"] == "Success")
            let isEmpty = await eventually {
                Self.podNames(cluster).isEmpty
                    && cluster.standIn.objects(apiVersion: "apps/v1", kind: "ReplicaSet").isEmpty ? true : nil
            }
            #expect(isEmpty == true)
        }
    }

    @Test func aNamespaceIsTerminatingThenGoneWithItsContent() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.apply(
                "/api/v1/namespaces/preview", "{apiVersion: v1, kind: Namespace, metadata: {name: preview}}")
            let path = "/apis/apps/v1/namespaces/preview/deployments/web"
            try await cluster.apply(path, KubernetesManifests.deployment("web"))
            try await cluster.wait("apps/v1", "Deployment", "web", namespace: "preview") {
                Self.isComplete($0, replicas: 2)
            }
            let answer = try await cluster.send("DELETE", "/api/v1/namespaces/preview")
            #expect(answer.json.at(path: "status.phase") == "Terminating")
            let refused = try await cluster.apply(
                path, KubernetesManifests.deployment("web2").replacing("web2", with: "web"))
            #expect([403, 404, 200].contains(refused.status))
            let isGone = await eventually {
                cluster.object("v1", "Namespace", "preview", namespace: "") == nil ? true : nil
            }
            #expect(isGone == true)
            #expect(cluster.standIn.objects(apiVersion: "v1", kind: "Pod", namespace: "preview").isEmpty)
        }
    }

    @Test func aFinalizerHoldsItsNamespace() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.apply(
                "/api/v1/namespaces/preview", "{apiVersion: v1, kind: Namespace, metadata: {name: preview}}")
            let path = "/api/v1/namespaces/preview/configmaps/held"
            try await cluster.apply(
                path, "{apiVersion: v1, kind: ConfigMap, metadata: {name: held, finalizers: [example.com/hold]}}")
            try await cluster.send("DELETE", "/api/v1/namespaces/preview")
            let held = try await cluster.wait("v1", "Namespace", "preview", namespace: "") {
                Self.condition($0, "NamespaceFinalizersRemaining")?["status"] == "True"
            }
            #expect(
                Self.condition(held, "NamespaceFinalizersRemaining")?["message"]?.stringValue?.contains(
                    "example.com/hold")
                    == true)
            try await cluster.send(
                "PATCH", path, #"{"metadata":{"finalizers":null}}"#, type: "application/merge-patch+json")
            let isGone = await eventually {
                cluster.object("v1", "Namespace", "preview", namespace: "") == nil ? true : nil
            }
            #expect(isGone == true)
        }
    }

    @Test func thePodsStartIsTold() async throws {
        let told = Mutex<[String]>([])
        try await KubernetesCluster.run { configuration in
            configuration.onPodStart = { namespace, workload, _ in
                told.withLock { $0.append("\(namespace)/\(workload)") }
            }
        } _: { cluster in
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web", replicas: 1))
            try await cluster.wait("apps/v1", "Deployment", "web") { Self.isComplete($0, replicas: 1) }
            let names = await eventually { told.withLock { $0.isEmpty ? nil : $0 } }
            #expect(names == ["default/web"])
        }
    }
}
