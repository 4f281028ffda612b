import Domain
import Foundation

/// What is wrong with one pod.
struct PodTrouble: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case imagePull, crashLoop, configuration, unschedulable, volume, probe
    }

    /// Restarts before a crash loop counts as one: a pod may crash while its database starts.
    static let restartsOfCrashLoop = 3

    var kind: Kind
    /// `ImagePullBackOff`, `CrashLoopBackOff`, …
    var reason: String
    var message: String
    var container: String?
    var restarts = 0
    var exitCode: Int?
    /// Why the last run ended: `OOMKilled`, `Error`.
    var lastReason: String?

    /// How long it may last before it counts: pods pass through some states on their way.
    var patience: Duration {
        switch kind {
        case .imagePull, .crashLoop: .zero
        case .configuration: .seconds(30)
        case .volume: .seconds(60)
        case .unschedulable: .seconds(120)
        // Long enough for a database that reads its log anew; without a bound of its own, as Deployments have one.
        case .probe: .seconds(300)
        }
    }

    /// Nil when nothing is wrong with it, or not yet.
    init?(_ pod: ClusterObject) {
        guard !pod.isBeingDeleted else { return nil }
        for list in ["initContainerStatuses", "containerStatuses"] {
            for status in pod["status", list]?.arrayValue ?? [] {
                if let found = PodTrouble(container: status) {
                    self = found
                    return
                }
            }
        }
        guard let scheduled = pod.condition("PodScheduled"), scheduled.status == "False",
            scheduled.reason == "Unschedulable"
        else {
            self.init(unready: pod)
            return
        }
        let isVolume = ["unbound immediate PersistentVolumeClaims", "binding volumes"].contains {
            scheduled.message.contains($0)
        }
        self.init(
            kind: isVolume ? .volume : .unschedulable, reason: "Unschedulable", message: scheduled.message)
    }

    private init(kind: Kind, reason: String, message: String) {
        self.kind = kind
        self.reason = reason
        self.message = message
    }

    /// A container that runs and is not ready: only a readiness probe keeps it so.
    private init?(unready pod: ClusterObject) {
        guard pod.text("status", "phase") == "Running" else { return nil }
        let status = pod["status", "containerStatuses"]?.arrayValue?.first {
            $0["state"]?["running"] != nil && $0["ready"]?.boolValue == false && $0["started"]?.boolValue != false
        }
        guard let status else { return nil }
        self.init(kind: .probe, reason: "NotReady", message: "")
        container = status["name"]?.stringValue
        restarts = status["restartCount"]?.intValue ?? 0
    }

    private init?(container status: JSONValue) {
        guard let waiting = status["state"]?["waiting"], let reason = waiting["reason"]?.stringValue else { return nil }
        let message = waiting["message"]?.stringValue ?? ""
        let last = status["lastState"]?["terminated"]
        switch reason {
        case "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError":
            self.init(kind: .imagePull, reason: reason, message: message)
        case "CrashLoopBackOff" where (status["restartCount"]?.intValue ?? 0) >= PodTrouble.restartsOfCrashLoop:
            self.init(kind: .crashLoop, reason: reason, message: message)
        case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
            self.init(kind: .configuration, reason: reason, message: message)
        default: return nil
        }
        container = status["name"]?.stringValue
        restarts = status["restartCount"]?.intValue ?? 0
        exitCode = last?["exitCode"]?.intValue
        lastReason = last?["reason"]?.stringValue
    }

    /// As the reason why a workload does not go on. `isOld`: the pod is of an earlier revision.
    func stall(of workload: ClusterObject, pod: ClusterObject, isOld: Bool) -> Stall {
        let place = "-n \(pod.namespace ?? "default")"
        var stall: Stall
        switch kind {
        case .imagePull:
            stall = make(.imagePull, workload, pod, "cannot pull its image (\(reason)): \(message)")
            stall.hint = "check the image's name and tag, and whether the cluster may pull it (imagePullSecrets)"
        case .crashLoop:
            let end = [exitCode.map { "exit code \($0)" }, lastReason].compactMap { $0 }.joined(separator: ", ")
            stall = make(
                .crashLoop, workload, pod,
                "crashes again and again, \(restarts) restarts" + (end.isEmpty ? "" : ", last with \(end)"))
            stall.hint =
                lastReason == "OOMKilled"
                ? "it needs more memory than its limit: raise the limit, or find the leak"
                : "see its last log lines below; the whole log: kubectl logs \(pod.name) \(place) --previous"
            stall.hasPreviousLog = true
        case .configuration:
            stall = make(.configuration, workload, pod, "cannot be started (\(reason)): \(message)")
            stall.hint = "make the Secret, ConfigMap or key that it names, or correct the manifest"
        case .volume:
            stall = make(.volume, workload, pod, "waits for a volume: \(message)")
            stall.hint = "look at the claim's StorageClass and its events: kubectl describe pvc \(place)"
        case .probe:
            stall = make(.probe, workload, pod, "runs and is not ready")
            stall.hint = "see its last log lines below, and what its readiness probe asks for"
        case .unschedulable:
            stall = make(.unschedulable, workload, pod, "finds no node: \(message)")
            stall.hint = "add nodes or free room on them, or lower its requests; look at its volumes and node selectors"
        }
        if isOld, workload.kind == "StatefulSet" {
            stall.hint =
                "this pod is of an older revision, and a StatefulSet replaces it only when it is ready: "
                + "kubectl delete pod \(pod.name) \(place)"
        }
        return stall
    }

    private func make(_ cause: Stall.Cause, _ workload: ClusterObject, _ pod: ClusterObject, _ words: String) -> Stall {
        let what = container.map { "pod \(pod.name), container \($0)," } ?? "pod \(pod.name)"
        return Stall(
            cause: cause, workload: workload.title, message: "\(what) \(words)", hint: "", pod: pod.name,
            container: container)
    }
}
