import Domain
import Foundation

extension ClusterState {
    mutating func reconcileReplicaSets(_ pass: inout ControlPass) {
        for set in list(.replicaSet) where !set.isDeleting { reconcile(replicaSet: set, &pass) }
    }

    private mutating func reconcile(replicaSet set: KubernetesObject, _ pass: inout ControlPass) {
        let desired = set["spec", "replicas"]?.intValue ?? 1
        var active = pods(controlledBy: set.uid).filter(ClusterState.isActive)
        var failure: KubernetesStatus?
        while active.count < desired, failure == nil {
            do {
                let pod = try createPod(
                    set["spec", "template"], named: nil, prefix: "\(set.name)-", owner: set, .replicaSet, pass)
                active.append(pod)
                addEvent(
                    .replicaSet, set, "SuccessfulCreate", "Created pod: \(pod.name)",
                    component: "replicaset-controller", now: pass.now)
            } catch {
                failure = error as? KubernetesStatus ?? .internalError("\(error)")
            }
        }
        if active.count > desired {
            // Those that are not ready go first, then the youngest.
            let order = active.sorted {
                (ClusterState.isReady($0) ? 1 : 0, -(Int($0.resourceVersion) ?? 0))
                    < (ClusterState.isReady($1) ? 1 : 0, -(Int($1.resourceVersion) ?? 0))
            }
            for pod in order.prefix(active.count - desired) { end(pod, owner: set, .replicaSet, pass) }
            active = Array(order.dropFirst(active.count - desired))
        }
        let seconds = set["spec", "minReadySeconds"]?.intValue ?? 0
        let ready = active.count(where: ClusterState.isReady)
        var available = 0
        for pod in active where isAvailable(pod, minReadySeconds: seconds, &pass) { available += 1 }
        let isNewFailure = failure != nil && set.condition("ReplicaFailure") == nil
        setStatus(
            .replicaSet, set,
            [
                "observedGeneration": .int(Int64(set.generation)), "replicas": .int(Int64(active.count)),
                "fullyLabeledReplicas": .int(Int64(active.count)), "readyReplicas": .int(Int64(ready)),
                "availableReplicas": available == 0 ? nil : .int(Int64(available)),
                "conditions": ClusterState.failureConditions(set, failure, pass.now),
            ], now: pass.now)
        if isNewFailure, let failure {
            addEvent(
                .replicaSet, set, "FailedCreate", "Error creating: \(failure.message)", warning: true,
                component: "replicaset-controller", now: pass.now)
        }
    }

    private static func failureConditions(_ set: KubernetesObject, _ failure: KubernetesStatus?, _ now: Date)
        -> JSONValue?
    {
        guard let failure else { return nil }
        // Each try names another pod; the first message stays, or the object would change for ever.
        if let known = set.condition("ReplicaFailure") { return [known] }
        return .array(
            conditions(
                set, setting: "ReplicaFailure", "True", reason: "FailedCreate", message: failure.message, now: now))
    }

    /// Deletes a pod as its controller does.
    mutating func end(_ pod: KubernetesObject, owner: KubernetesObject, _ kind: ResourceKind, _ pass: ControlPass) {
        // Without preconditions a pod's deletion is never refused.
        _ = try? delete(.pod, pod, DeleteOptions(), now: pass.now)
        let component = kind == .statefulSet ? "statefulset-controller" : "\(kind.singular)-controller"
        addEvent(
            kind, owner, "SuccessfulDelete", "Deleted pod: \(pod.name)", component: component, now: pass.now)
    }
}
