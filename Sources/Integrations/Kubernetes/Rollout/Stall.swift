import Domain

/// Why a rollout does not go on, and what a person could do.
struct Stall: Sendable, Hashable, Error {
    enum Cause: String, Sendable, Hashable {
        case imagePull, crashLoop, configuration, unschedulable, volume, probe, notCreated, deadline, paused, jobFailed
    }

    var cause: Cause
    /// `Deployment analytics/api`.
    var workload: String
    /// What is wrong, with the server's own words.
    var message: String
    var hint: String
    /// The pod and the container that show it, if one does.
    var pod: String?
    var container: String?
    /// Whether the container ran before, so that the log of that run tells why it ended.
    var hasPreviousLog = false

    static func notCreated(_ workload: ClusterObject, _ message: String) -> Stall {
        let isQuota = message.contains("exceeded quota")
        return Stall(
            cause: .notCreated, workload: workload.title, message: "its pods are not created: \(message)",
            hint: isQuota
                ? "raise the namespace's quota, or lower the requests, limits or replicas"
                : "correct what the message names, then run it again")
    }

    static func deadline(_ workload: ClusterObject, _ message: String) -> Stall {
        Stall(
            cause: .deadline, workload: workload.title, message: "it exceeded its progress deadline: \(message)",
            hint: "look at its pods: kubectl describe pods -n \(workload.namespace ?? "default")")
    }

    static func paused(_ workload: ClusterObject) -> Stall {
        let isJob = workload.kind == "Job"
        let place = "\(workload.kind.lowercased())/\(workload.name) -n \(workload.namespace ?? "default")"
        return Stall(
            cause: .paused, workload: workload.title, message: isJob ? "it is suspended" : "it is paused",
            hint: isJob ? "resume it: set spec.suspend to false" : "resume it: kubectl rollout resume \(place)")
    }

    static func jobFailed(_ workload: ClusterObject, reason: String, _ message: String) -> Stall {
        Stall(
            cause: .jobFailed, workload: workload.title,
            message: "it failed" + (reason.isEmpty ? "" : " (\(reason))") + (message.isEmpty ? "" : ": \(message)"),
            hint: "look at its log, correct it, and delete the Job before it is applied again")
    }
}
