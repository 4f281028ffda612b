import Domain
import Foundation

extension ClusterState {
    /// What a cluster has from the start beside its namespaces: a node, and a class of volumes that can grow.
    mutating func addMachinery(now: Date) {
        // A fresh state refuses neither.
        _ = try? create(
            .node, KubernetesObject(["metadata": ["name": .string(ClusterState.nodeName)]]), .controller(now))
        _ = try? create(
            .storageClass,
            KubernetesObject([
                "metadata": [
                    "name": "standard", "annotations": ["storageclass.kubernetes.io/is-default-class": "true"],
                ],
                "provisioner": "sandbox.defimon.io/volumes", "allowVolumeExpansion": true,
            ]), .controller(now))
    }

    /// A node's kubelet tells of it at once.
    func assignNode(_ node: inout KubernetesObject) {
        node["metadata", "labels", "kubernetes.io/hostname"] = .string(node.name)
        let time = node["metadata", "creationTimestamp"] ?? .null
        node["spec"] = node["spec"] ?? [:]
        node["status"] = [
            "capacity": ["cpu": "8", "memory": "32Gi", "pods": "110"],
            "allocatable": ["cpu": "8", "memory": "32Gi", "pods": "110"],
            "conditions": [
                [
                    "type": "Ready", "status": "True", "reason": "KubeletReady",
                    "message": "kubelet is posting ready status", "lastHeartbeatTime": time,
                    "lastTransitionTime": time,
                ]
            ],
            "addresses": [
                ["type": "InternalIP", "address": "10.0.0.5"], ["type": "Hostname", "address": .string(node.name)],
            ],
        ]
    }

    /// The node that takes a pod: of those that take new ones, that with the fewest. `why` says why none does, in the
    /// scheduler's words. Requests, taints and selectors of nodes are not looked at.
    func chooseNode(for pod: KubernetesObject) -> (node: String, why: String?) {
        let nodes = list(.node).filter { !$0.isDeleting }
        if let pinned = ClusterState.pinnedNode(pod) {
            if nodes.contains(where: { $0.name == pinned }) { return (pinned, nil) }
            return (
                "",
                "0/\(nodes.count) nodes are available: \(nodes.count) node(s) didn't match Pod's node "
                    + "affinity/selector."
            )
        }
        guard !nodes.isEmpty else { return ("", "no nodes available to schedule pods") }
        let open = nodes.filter { $0["spec", "unschedulable"] != true }
        guard !open.isEmpty else {
            return (
                "",
                "0/\(nodes.count) nodes are available: \(nodes.count) node(s) were unschedulable. preemption: "
                    + "0/\(nodes.count) nodes are available: \(nodes.count) Preemption is not helpful for scheduling."
            )
        }
        var counts: [String: Int] = [:]
        for other in list(.pod) where ClusterState.isActive(other) {
            if let node = other["spec", "nodeName"]?.stringValue { counts[node, default: 0] += 1 }
        }
        let first = open.min { (counts[$0.name] ?? 0, $0.name) < (counts[$1.name] ?? 0, $1.name) }
        return (first?.name ?? "", nil)
    }

    /// The node that a daemon set's pod is for.
    static func pinnedNode(_ pod: KubernetesObject) -> String? {
        let terms = pod[
            "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"]
        let fields = terms?.arrayValue?.first?["matchFields"]?.arrayValue
        return fields?.first { $0["key"] == "metadata.name" }?["values"]?.arrayValue?.first?.stringValue
    }

    static func pin(_ pod: inout KubernetesObject, to node: String) {
        let field: JSONValue = ["key": "metadata.name", "operator": "In", "values": [.string(node)]]
        pod["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"] = [
            "nodeSelectorTerms": [["matchFields": [field]]]
        ]
    }

    /// How many pods there should be by the controllers of some pods; a pod without one counts as itself.
    func expectedPods(_ pods: [KubernetesObject]) -> Int {
        var expected: [String: Int] = [:]
        for pod in pods {
            guard let owner = pod.controller, let name = owner["name"]?.stringValue,
                let kind = ResourceKind.all.first(where: { $0.hasScale && $0.kind == owner["kind"]?.stringValue }),
                var controller = object(kind, pod.namespace, name)
            else {
                expected[pod.uid] = 1
                continue
            }
            if kind == .replicaSet, let top = controller.controller?["name"]?.stringValue,
                let deployment = object(.deployment, pod.namespace, top)
            {
                controller = deployment
            }
            expected[controller.uid] = controller["spec", "replicas"]?.intValue ?? 1
        }
        return expected.values.reduce(0, +)
    }
}
