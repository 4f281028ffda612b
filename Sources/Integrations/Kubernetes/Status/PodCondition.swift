import Domain

/// What state a pod is in, in one word and in lines for people.
struct PodCondition: Sendable {
    private let pod: ClusterObject

    init(_ pod: ClusterObject) { self.pod = pod }

    /// `Running`, `CrashLoopBackOff`, `OOMKilled`, `ImagePullBackOff`, `Evicted`, `Unschedulable`, `Terminating`, …
    var reason: String {
        if pod.isBeingDeleted { return "Terminating" }
        if let reason = pod.text("status", "reason"), !reason.isEmpty { return reason }
        for status in statuses {
            if let waiting = status["state"]?["waiting"]?["reason"]?.stringValue,
                !["ContainerCreating", "PodInitializing"].contains(waiting)
            {
                // What killed it says more than that it is waiting to be started again.
                let last = status["lastState"]?["terminated"]?["reason"]?.stringValue
                return waiting == "CrashLoopBackOff" && last == "OOMKilled" ? "OOMKilled" : waiting
            }
            if let ended = status["state"]?["terminated"], ended["exitCode"]?.intValue != 0 {
                return ended["reason"]?.stringValue ?? "Error"
            }
        }
        if let scheduled = pod.condition("PodScheduled"), scheduled.status == "False" {
            return scheduled.reason.isEmpty ? "Pending" : scheduled.reason
        }
        let phase = pod.text("status", "phase") ?? "Unknown"
        if phase == "Running", pod.condition("Ready")?.isTrue != true { return "NotReady" }
        return phase
    }

    /// As `reason`, but of a pod that runs again: why its last run ended. An alert often comes between two crashes.
    var reportedReason: String {
        guard ["Running", "NotReady"].contains(reason) else { return reason }
        let ends = statuses.compactMap { $0["lastState"]?["terminated"] }.filter { $0["exitCode"]?.intValue != 0 }
        return ends.first.map { $0["reason"]?.stringValue ?? "Error" } ?? reason
    }

    /// Whether nothing is to be done about it.
    var isHealthy: Bool { ["Running", "Succeeded", "Completed", "Terminating"].contains(reason) }

    /// The sum over its containers.
    var restarts: Int { statuses.compactMap { $0["restartCount"]?.intValue }.reduce(0, +) }

    /// The container whose log tells most, and whether the run before this one is meant.
    var troubled: (container: String, isPrevious: Bool)? {
        let status =
            statuses.first { $0["state"]?["waiting"] != nil && $0["lastState"]?["terminated"] != nil }
            ?? statuses.first { ($0["state"]?["terminated"]?["exitCode"]?.intValue ?? 0) != 0 }
            ?? statuses.first { ($0["restartCount"]?.intValue ?? 0) > 0 }
            ?? statuses.first { $0["ready"]?.boolValue == false } ?? statuses.first
        guard let status, let name = status["name"]?.stringValue else { return nil }
        let isEnded = status["state"]?["terminated"] != nil
        return (name, !isEnded && (status["restartCount"]?.intValue ?? 0) > 0)
    }

    /// One line a container, and what the pod itself says.
    var lines: [String] {
        var lines = ["\(pod.name): \(reason), \(restarts == 1 ? "1 restart" : "\(restarts) restarts")"]
        if let message = pod.text("status", "message"), !message.isEmpty { lines.append(message) }
        if let scheduled = pod.condition("PodScheduled"), scheduled.status == "False" {
            lines.append(scheduled.message)
        }
        for status in statuses { lines.append("container " + PodCondition.line(status)) }
        return lines
    }

    private var statuses: [JSONValue] {
        ["initContainerStatuses", "containerStatuses"].flatMap { pod["status", $0]?.arrayValue ?? [] }
    }

    private static func line(_ status: JSONValue) -> String {
        var text = "\(status["name"]?.stringValue ?? "?"): "
        if let waiting = status["state"]?["waiting"] {
            text += "waiting, \(waiting["reason"]?.stringValue ?? "")"
            if let message = waiting["message"]?.stringValue { text += ": \(message)" }
        } else if let ended = status["state"]?["terminated"] {
            text += "ended, \(end(ended))"
        } else {
            text += status["ready"]?.boolValue == true ? "running, ready" : "running, not ready"
        }
        if let last = status["lastState"]?["terminated"] { text += "; ended before with \(end(last))" }
        return text
    }

    private static func end(_ terminated: JSONValue) -> String {
        var parts = ["exit code \(terminated["exitCode"]?.intValue ?? 0)"]
        if let reason = terminated["reason"]?.stringValue { parts.append(reason) }
        if let time = terminated["finishedAt"]?.stringValue { parts.append("at \(time)") }
        return parts.joined(separator: ", ")
    }
}
