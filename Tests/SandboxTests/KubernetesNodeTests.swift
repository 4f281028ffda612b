import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// Machines that join the stand-in's cluster, and go.
@Suite struct KubernetesNodeTests {
    private static let workloads: [(path: String, object: JSONValue)] = [
        (
            "/apis/apps/v1/namespaces/default/deployments",
            [
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web", "namespace": "default"],
                "spec": [
                    "replicas": 4, "selector": ["matchLabels": ["app": "web"]],
                    "template": [
                        "metadata": ["labels": ["app": "web"]],
                        "spec": ["containers": [["name": "web", "image": "registry.example.com/web:1"]]],
                    ],
                ],
            ]
        ),
        (
            "/apis/apps/v1/namespaces/default/daemonsets",
            [
                "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": ["name": "agent", "namespace": "default"],
                "spec": [
                    "selector": ["matchLabels": ["app": "agent"]],
                    "template": [
                        "metadata": ["labels": ["app": "agent"]],
                        "spec": ["containers": [["name": "agent", "image": "registry.example.com/agent:1"]]],
                    ],
                ],
            ]
        ),
    ]

    private static func nodes(_ cluster: KubernetesCluster, app: String) -> [String] {
        cluster.standIn.objects(apiVersion: "v1", kind: "Pod")
            .filter { $0.at(path: "metadata.labels.app") == .string(app) }
            .compactMap { $0.at(path: "spec.nodeName")?.stringValue }
    }

    @Test func `A machine that joins takes pods, and those of one that is gone are made anew elsewhere`() async throws {
        try await KubernetesCluster.run { cluster in
            let machine = KubernetesStandIn.Machine(
                name: "analytics-worker-1", address: "10.40.1.2", outsideAddress: "203.0.113.9",
                labels: ["topology.kubernetes.io/region": "fsn1"], providerID: "hcloud://42")
            cluster.standIn.addNode(machine)
            cluster.standIn.addNode(machine)
            let node = cluster.standIn.object(
                apiVersion: "v1", kind: "Node", namespace: "", name: "analytics-worker-1")
            #expect(node?.at(path: "spec.providerID") == "hcloud://42")
            #expect(node?.at(path: "status.conditions.0.status") == "True")
            #expect(node?.at(path: "status.addresses.0.address") == "10.40.1.2")
            #expect(node?.at(path: "metadata.labels")?["topology.kubernetes.io/region"] == "fsn1")
            for (path, object) in Self.workloads {
                let made = try await cluster.send("POST", path, object.canonicalText)
                #expect(made.status == 201, "\(made.json)")
            }
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 4 }
            try await cluster.wait("apps/v1", "DaemonSet", "agent") { $0.at(path: "status.numberReady") == 2 }
            #expect(Self.nodes(cluster, app: "web").count { $0 == "analytics-worker-1" } == 2)

            cluster.standIn.removeNode("analytics-worker-1")
            cluster.standIn.removeNode("analytics-worker-1")
            try await cluster.wait("apps/v1", "DaemonSet", "agent") {
                $0.at(path: "status.desiredNumberScheduled") == 1 && $0.at(path: "status.numberReady") == 1
            }
            let moved: Bool? = await eventually {
                let nodes = Self.nodes(cluster, app: "web")
                return nodes.count == 4 && !nodes.contains("analytics-worker-1") ? true : nil
            }
            #expect(moved == true)
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 4 }
        }
    }

    @Test func `A pod that no machine can take is scheduled when one joins`() async throws {
        try await KubernetesCluster.run { cluster in
            for node in cluster.standIn.objects(apiVersion: "v1", kind: "Node") {
                cluster.standIn.removeNode(node.at(path: "metadata.name")?.stringValue ?? "")
            }
            let (path, object) = Self.workloads[0]
            try await cluster.send("POST", path, object.canonicalText)
            let waiting: Bool? = await eventually {
                let pods = cluster.standIn.objects(apiVersion: "v1", kind: "Pod")
                return pods.count { $0.at(path: "status.conditions.0.reason") == "Unschedulable" } == 4 ? true : nil
            }
            #expect(waiting == true)
            cluster.standIn.addNode(.init(name: "late", address: "10.40.1.3"))
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 4 }
        }
    }
}
