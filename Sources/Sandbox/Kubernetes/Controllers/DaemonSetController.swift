import Domain
import Foundation

extension ClusterState {
    /// The sandbox has one node, so a daemon set has one pod.
    mutating func reconcileDaemonSets(_ pass: inout ControlPass) {
        for set in list(.daemonSet) where !set.isDeleting {
            let hash = KubernetesHash.text(of: set["spec", "template"] ?? .null)
            let label = "controller-revision-hash"
            let all = pods(controlledBy: set.uid)
            let active = all.filter(ClusterState.isActive)
            if all.isEmpty {
                // A refusal (quota) shows in the numbers of the status; it is tried again at the next look.
                _ = try? createPod(
                    set["spec", "template"], named: nil, prefix: "\(set.name)-", owner: set, .daemonSet,
                    labels: [label: hash], pass)
            }
            for pod in active.dropFirst() { end(pod, owner: set, .daemonSet, pass) }
            if let pod = active.first, pod.labels[label] != hash,
                set["spec", "updateStrategy", "type"] != "OnDelete"
            {
                end(pod, owner: set, .daemonSet, pass)
            }
            let now = pods(controlledBy: set.uid).filter(ClusterState.isActive)
            let seconds = set["spec", "minReadySeconds"]?.intValue ?? 0
            var available = 0
            for pod in now where isAvailable(pod, minReadySeconds: seconds, &pass) { available += 1 }
            let ready = now.count(where: ClusterState.isReady)
            let updated = now.count { $0.labels[label] == hash }
            setStatus(
                .daemonSet, set,
                [
                    "observedGeneration": .int(Int64(set.generation)), "desiredNumberScheduled": 1,
                    "currentNumberScheduled": .int(Int64(min(1, now.count))), "numberMisscheduled": 0,
                    "numberReady": .int(Int64(ready)), "numberAvailable": .int(Int64(available)),
                    "numberUnavailable": .int(Int64(1 - min(1, available))),
                    "updatedNumberScheduled": .int(Int64(updated)),
                ], now: pass.now)
        }
    }
}
