import Domain

/// How far the rollout of one workload is, as `kubectl rollout status` decides it
/// (kubectl `pkg/polymorphichelpers/rollout_status.go`), with the generation looked at first.
enum RolloutState: Sendable, Hashable {
    case done(ready: Int, wanted: Int)
    case waiting(ready: Int, wanted: Int)
    /// It will not go on by itself.
    case stalled(Stall)

    /// Nil for kinds that have no rollout.
    init?(_ workload: ClusterObject) {
        switch workload.kind {
        case "Deployment": self = RolloutState.deployment(workload)
        case "StatefulSet": self = RolloutState.statefulSet(workload)
        case "DaemonSet": self = RolloutState.daemonSet(workload)
        case "Job": self = RolloutState.job(workload)
        default: return nil
        }
    }

    static func isDone(_ workload: ClusterObject) -> Bool {
        if case .done? = RolloutState(workload) { return true }
        return false
    }

    /// Pods that are ready, of those wanted.
    var counts: (ready: Int, wanted: Int)? {
        switch self {
        case .done(let ready, let wanted), .waiting(let ready, let wanted): (ready, wanted)
        case .stalled: nil
        }
    }

    private static func deployment(_ workload: ClusterObject) -> RolloutState {
        let wanted = workload.number("spec", "replicas") ?? 1
        let updated = workload.number("status", "updatedReplicas") ?? 0
        let available = workload.number("status", "availableReplicas") ?? 0
        let waiting = RolloutState.waiting(ready: min(updated, available), wanted: wanted)
        guard workload.isObserved else { return waiting }
        let isComplete =
            updated >= wanted && (workload.number("status", "replicas") ?? 0) <= updated && available >= updated
        if let failure = workload.condition("ReplicaFailure"), failure.isTrue, !isComplete {
            return .stalled(.notCreated(workload, failure.message))
        }
        if let progress = workload.condition("Progressing"), progress.reason == "ProgressDeadlineExceeded" {
            return .stalled(.deadline(workload, progress.message))
        }
        if isComplete { return .done(ready: available, wanted: wanted) }
        if workload["spec", "paused"]?.boolValue == true { return .stalled(.paused(workload)) }
        return waiting
    }

    private static func statefulSet(_ workload: ClusterObject) -> RolloutState {
        let wanted = workload.number("spec", "replicas") ?? 1
        let ready = workload.number("status", "readyReplicas") ?? 0
        let updated = workload.number("status", "updatedReplicas") ?? 0
        let waiting = RolloutState.waiting(ready: ready, wanted: wanted)
        guard workload.isObserved, ready >= wanted else { return waiting }
        let done = RolloutState.done(ready: ready, wanted: wanted)
        // With OnDelete people replace the pods; that the ones there are ready is all that can be waited for.
        if workload.text("spec", "updateStrategy", "type") == "OnDelete" { return done }
        if let partition = workload.number("spec", "updateStrategy", "rollingUpdate", "partition"), partition > 0 {
            return updated >= wanted - partition ? done : waiting
        }
        let revision = workload.text("status", "updateRevision")
        guard revision == workload.text("status", "currentRevision") else {
            return .waiting(ready: min(ready, updated), wanted: wanted)
        }
        return done
    }

    private static func daemonSet(_ workload: ClusterObject) -> RolloutState {
        let wanted = workload.number("status", "desiredNumberScheduled") ?? 0
        let updated = workload.number("status", "updatedNumberScheduled") ?? 0
        let available = workload.number("status", "numberAvailable") ?? 0
        let isByHand = workload.text("spec", "updateStrategy", "type") == "OnDelete"
        let ready = isByHand ? available : min(updated, available)
        guard workload.isObserved, ready >= wanted else { return .waiting(ready: ready, wanted: wanted) }
        return .done(ready: ready, wanted: wanted)
    }

    private static func job(_ workload: ClusterObject) -> RolloutState {
        let wanted = workload.number("spec", "completions") ?? 1
        let succeeded = workload.number("status", "succeeded") ?? 0
        if workload.condition("Complete")?.isTrue == true {
            return .done(ready: max(succeeded, wanted), wanted: wanted)
        }
        if let failed = workload.condition("Failed"), failed.isTrue {
            return .stalled(.jobFailed(workload, reason: failed.reason, failed.message))
        }
        if workload["spec", "suspend"]?.boolValue == true { return .stalled(.paused(workload)) }
        return .waiting(ready: succeeded, wanted: wanted)
    }
}

extension ClusterObject {
    /// Whether its controller has seen the newest specification; what the status says is old otherwise.
    var isObserved: Bool {
        let observed = number("status", "observedGeneration") ?? 0
        return observed > 0 && observed >= generation
    }
}
