import Domain
import Foundation

extension ClusterState {
    /// One pod on each node, also on those that take no other new pods.
    mutating func reconcileDaemonSets(_ pass: inout ControlPass) {
        let nodes = list(.node).filter { !$0.isDeleting }.map(\.name)
        for set in list(.daemonSet) where !set.isDeleting {
            let hash = KubernetesHash.text(of: set["spec", "template"] ?? .null)
            for node in nodes { place(set, on: node, hash, pass) }
            let now = pods(controlledBy: set.uid).filter(ClusterState.isActive)
            for pod in now where !nodes.contains(ClusterState.pinnedNode(pod) ?? "") {
                end(pod, owner: set, .daemonSet, pass)
            }
            writeStatus(daemonSet: set, hash, nodes, &pass)
        }
    }

    private mutating func place(_ set: KubernetesObject, on node: String, _ hash: String, _ pass: ControlPass) {
        let label = "controller-revision-hash"
        let all = pods(controlledBy: set.uid).filter { ClusterState.pinnedNode($0) == node }
        let active = all.filter(ClusterState.isActive)
        if all.isEmpty {
            // A refusal (quota) shows in the numbers of the status; it is tried again at the next look.
            _ = try? createPod(
                set["spec", "template"], named: nil, prefix: "\(set.name)-", owner: set, .daemonSet,
                labels: [label: hash], pass
            ) { ClusterState.pin(&$0, to: node) }
        }
        for pod in active.dropFirst() { end(pod, owner: set, .daemonSet, pass) }
        if let pod = active.first, pod.labels[label] != hash, set["spec", "updateStrategy", "type"] != "OnDelete" {
            end(pod, owner: set, .daemonSet, pass)
        }
    }

    private mutating func writeStatus(
        daemonSet set: KubernetesObject, _ hash: String, _ nodes: [String], _ pass: inout ControlPass
    ) {
        let now = pods(controlledBy: set.uid).filter(ClusterState.isActive)
        let seconds = set["spec", "minReadySeconds"]?.intValue ?? 0
        var available = 0
        for pod in now where isAvailable(pod, minReadySeconds: seconds, &pass) { available += 1 }
        let ready = now.count(where: ClusterState.isReady)
        let updated = now.count { $0.labels["controller-revision-hash"] == hash }
        let wanted = nodes.count
        setStatus(
            .daemonSet, set,
            [
                "observedGeneration": .int(Int64(set.generation)), "desiredNumberScheduled": .int(Int64(wanted)),
                "currentNumberScheduled": .int(Int64(min(wanted, now.count))), "numberMisscheduled": 0,
                "numberReady": .int(Int64(ready)), "numberAvailable": .int(Int64(available)),
                "numberUnavailable": .int(Int64(wanted - min(wanted, available))),
                "updatedNumberScheduled": .int(Int64(updated)),
            ], now: pass.now)
    }
}
