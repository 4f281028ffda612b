import Domain
import Foundation

/// How a Job ended, in words, with its outputs.
struct JobEnd: Sendable {
    /// Bounds of the output that later steps read.
    static let outputLines = 50
    static let outputBytes = 8 * 1024

    var verdict: JobBoard.Verdict
    var pods: [ClusterObject]
    var log: LogKeep
    /// What could not be read.
    var notes: [String]

    // MARK: Reading pods

    /// The container whose end and whose log count (kubernetes.io/docs/reference/labels-annotations-taints,
    /// `kubectl.kubernetes.io/default-container`).
    static func container(of pod: ClusterObject) -> String {
        pod.annotations["kubectl.kubernetes.io/default-container"]
            ?? pod["spec", "containers"]?.arrayValue?.first?["name"]?.stringValue ?? JobWish.container
    }

    /// What the kubelet says of that container; nil before it says anything.
    static func status(of pod: ClusterObject) -> JSONValue? {
        let name = container(of: pod)
        return pod["status", "containerStatuses"]?.arrayValue?.first { $0["name"]?.stringValue == name }
    }

    /// Whether that container has ended for good.
    static func hasEnded(_ pod: ClusterObject) -> Bool {
        if ["Succeeded", "Failed"].contains(pod.text("status", "phase")) { return true }
        return pod.text("spec", "restartPolicy") == "Never" && status(of: pod)?["state"]?["terminated"] != nil
    }

    /// The pod whose end tells most: one that failed, the newest of them.
    private var telling: ClusterObject? {
        let ended = pods.filter { JobEnd.terminated($0) != nil || $0.text("status", "reason") != nil }
        let failed = ended.filter { JobEnd.terminated($0)?["exitCode"]?.intValue != 0 }
        return (failed.isEmpty ? ended : failed).max {
            let times = [$0, $1].map { JobEnd.terminated($0)?["finishedAt"]?.stringValue ?? "" }
            return times[0] < times[1]
        }
    }

    private static func terminated(_ pod: ClusterObject) -> JSONValue? {
        let status = status(of: pod)
        return status?["state"]?["terminated"] ?? status?["lastState"]?["terminated"]
    }

    // MARK: Outputs

    /// What later steps read, for a Job that has succeeded.
    func output(_ job: ClusterObject) -> JSONValue {
        let begin = ClusterTime.parse(job.text("status", "startTime"))
        let end = ClusterTime.parse(job.text("status", "completionTime"))
        let seconds = begin.flatMap { begin in end.map { Int64($0.timeIntervalSince(begin).rounded()) } } ?? 0
        return [
            "exit_code": .int(0), "job": .string(job.name), "seconds": .int(seconds),
            "output": .string(log.end(lines: JobEnd.outputLines, bytes: JobEnd.outputBytes)),
            "summary": .string("\(job.title) has succeeded after \(DurationText.human(.seconds(seconds)))"),
            "details": .string(details),
        ]
    }

    private var details: String {
        let text = log.text
        let said = text.isEmpty ? "it wrote no log" : text
        return ([said] + notes).joined(separator: "\n")
    }

    // MARK: Failures

    /// Why it failed. `title`: the Job for people.
    func failure(_ title: String, namespace: String) -> ActionError {
        switch verdict {
        case .stuck(let stall):
            return ActionError("\(title): \(stall.message)", hint: stall.hint, details: details)
        case .removed:
            return ActionError(
                "\(title) was deleted by somebody before it ended", mayHaveTakenEffect: true,
                hint: "run it again when that was a mistake", details: details)
        case .failed(let job), .complete(let job):
            let (message, hint) = cause(job, namespace)
            return ActionError("\(title) failed: \(message)", mayHaveTakenEffect: true, hint: hint, details: details)
        }
    }

    private func cause(_ job: ClusterObject, _ namespace: String) -> (String, String) {
        let failed = job.condition("Failed")
        if failed?.reason == "DeadlineExceeded" {
            let limit = job.number("spec", "activeDeadlineSeconds").map { DurationText.human(.seconds($0)) } ?? "long"
            return (
                "it ran longer than \(limit), its deadline",
                "give it a longer 'deadline' and the step and the command a longer 'timeout', or less to do"
            )
        }
        let tries =
            (job.number("status", "failed") ?? 1) > 1 ? ", after \(job.number("status", "failed") ?? 1) tries" : ""
        guard let pod = telling else {
            let message = failed.map { [$0.reason, $0.message].filter { !$0.isEmpty }.joined(separator: ": ") } ?? ""
            return (message + tries, "look at its events: kubectl describe job \(job.name) -n \(namespace)")
        }
        let (message, hint) = JobEnd.cause(pod)
        return (message + tries, hint)
    }

    /// Why one pod failed.
    private static func cause(_ pod: ClusterObject) -> (String, String) {
        if let reason = pod.text("status", "reason"), !reason.isEmpty {
            let message = pod.text("status", "message") ?? ""
            return (
                "its pod \(pod.name) was ended by the cluster (\(reason))" + (message.isEmpty ? "" : ": \(message)"),
                reason == "Evicted" ? "give it requests for what it uses, so that its node keeps room" : "run it again"
            )
        }
        let end = terminated(pod)
        let code = end?["exitCode"]?.intValue ?? 0
        let words = "its pod \(pod.name) ended with exit code \(code)"
        switch (end?["reason"]?.stringValue, code) {
        case ("OOMKilled", _):
            return (
                "its pod \(pod.name) used more memory than its limit and was killed (OOMKilled, exit code \(code))",
                "raise limits.memory, or let it use less"
            )
        case ("ContainerCannotRun", _), ("StartError", _):
            return (
                "its container cannot be started: \(end?["message"]?.stringValue ?? "")",
                "check the program and the image: is it there, and may it be executed?"
            )
        case (_, 126), (_, 127):
            return (
                words + (code == 127 ? ", which shells use for a program that is not there" : ", not executable"),
                "check the script, and that the image holds what it calls"
            )
        case (_, 137):
            return (words + ": it was killed (SIGKILL)", "its node may have had no memory left; look at its log below")
        case (_, 143): return (words + ": it was told to end (SIGTERM)", "somebody or its node ended it; run it again")
        default: return (words, "its log is below")
        }
    }
}
