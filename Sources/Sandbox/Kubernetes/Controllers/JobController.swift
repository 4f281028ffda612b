import Domain
import Foundation

extension ClusterState {
    mutating func reconcileJobs(_ pass: inout ControlPass) {
        for job in list(.job) where !job.isDeleting {
            if isFinished(job) {
                dropFinished(job, &pass)
            } else {
                reconcile(job: job, &pass)
            }
        }
    }

    private func isFinished(_ job: KubernetesObject) -> Bool {
        ["Complete", "Failed"].contains { job.condition($0)?["status"] == "True" }
    }

    private mutating func dropFinished(_ job: KubernetesObject, _ pass: inout ControlPass) {
        guard let seconds = job["spec", "ttlSecondsAfterFinished"]?.intValue, let ended = progress[job.uid],
            pass.hasPassed(.seconds(seconds), since: ended)
        else { return }
        remove(.job, job)
    }

    private func isPastDeadline(_ job: KubernetesObject, _ pass: inout ControlPass) -> Bool {
        guard let seconds = job["spec", "activeDeadlineSeconds"]?.intValue,
            // What the controller itself has written is a time.
            let start = job["status", "startTime"]?.stringValue.flatMap({ try? Date($0, strategy: .iso8601) })
        else { return false }
        return pass.hasPassed(.seconds(seconds), since: start)
    }

    /// The first two refusals make events; more would only wake the controller again.
    private mutating func tellRefusal(_ job: KubernetesObject, _ why: String, _ pass: ControlPass) {
        let known = list(.event, namespace: job.namespace).filter {
            $0["involvedObject", "uid"]?.stringValue == job.uid && $0["reason"] == "FailedCreate"
        }
        guard known.reduce(0, { $0 + ($1["count"]?.intValue ?? 1) }) < 2 else { return }
        addEvent(
            .job, job, "FailedCreate", "Error creating: \(why)", warning: true, component: "job-controller",
            now: pass.now)
    }

    private func podLabels(_ job: KubernetesObject) -> [String: String] {
        [
            "job-name": job.name, "batch.kubernetes.io/job-name": job.name, "controller-uid": job.uid,
            "batch.kubernetes.io/controller-uid": job.uid,
        ]
    }

    private mutating func reconcile(job: KubernetesObject, _ pass: inout ControlPass) {
        let pods = pods(controlledBy: job.uid)
        let succeeded = pods.count { $0.phase == "Succeeded" }
        let failed = pods.count { $0.phase == "Failed" }
        var active = pods.filter(ClusterState.isActive)
        let wanted = job["spec", "completions"]?.intValue ?? 1
        let isSuspended = job["spec", "suspend"] == true
        let isLate = !isSuspended && isPastDeadline(job, &pass)
        let isFailed = isLate || failed > job["spec", "backoffLimit"]?.intValue ?? 6
        let isComplete = succeeded >= wanted
        if isSuspended || isFailed {
            for pod in active { end(pod, owner: job, .job, pass) }
            active = []
        } else if !isComplete {
            let most = min(job["spec", "parallelism"]?.intValue ?? 1, wanted - succeeded)
            while active.count < most {
                // A refusal (quota) leaves the job waiting; it is tried again at the next look.
                let pod: KubernetesObject
                do {
                    pod = try createPod(
                        job["spec", "template"], named: nil, prefix: "\(job.name)-", owner: job, .job,
                        labels: podLabels(job), pass)
                } catch {
                    tellRefusal(job, (error as? KubernetesStatus)?.message ?? "\(error)", pass)
                    break
                }
                active.append(pod)
                addEvent(
                    .job, job, "SuccessfulCreate", "Created pod: \(pod.name)", component: "job-controller",
                    now: pass.now)
            }
        }
        let reason = isLate ? "DeadlineExceeded" : "BackoffLimitExceeded"
        let message =
            isLate
            ? "Job was active longer than specified deadline" : "Job has reached the specified backoff limit"
        var shown = job
        let time = KubernetesTime.text(pass.now)
        func set(_ type: String, _ reason: String, _ message: String) {
            shown["status", "conditions"] = .array(
                ClusterState.conditions(
                    shown, setting: type, "True", reason: reason, message: message, now: pass.now
                ).map { condition in
                    var condition = KubernetesObject(condition)
                    condition["lastProbeTime"] = condition["lastTransitionTime"]
                    return condition.json
                })
        }
        if isComplete {
            set("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods")
            set("Complete", "CompletionsReached", "Reached expected number of succeeded pods")
        } else if isFailed {
            set("FailureTarget", reason, message)
            set("Failed", reason, message)
        } else if isSuspended {
            set("Suspended", "JobSuspended", "Job suspended")
        }
        if isComplete || isFailed {
            progress[job.uid] = pass.now
            addEvent(
                .job, job, isComplete ? "Completed" : reason, isComplete ? "Job completed" : message,
                warning: !isComplete,
                component: "job-controller", now: pass.now)
        }
        setStatus(
            .job, job,
            [
                "active": .int(Int64(active.count)), "succeeded": .int(Int64(succeeded)), "failed": .int(Int64(failed)),
                "ready": .int(Int64(active.count(where: ClusterState.isReady))),
                "startTime": isSuspended ? job["status", "startTime"] : job["status", "startTime"] ?? time,
                "completionTime": isComplete ? time : nil, "conditions": shown["status", "conditions"],
                "uncountedTerminatedPods": [:],
            ], now: pass.now)
    }
}
