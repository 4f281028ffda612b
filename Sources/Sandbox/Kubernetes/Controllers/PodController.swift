import Domain
import Foundation

extension ClusterState {
    /// Scheduler, and the kubelets of all nodes.
    mutating func reconcilePods(_ pass: inout ControlPass) {
        for pod in list(.pod) {
            if pod.isDeleting {
                stop(pod, &pass)
            } else if !["Succeeded", "Failed"].contains(pod.phase) {
                if pod["spec", "nodeName"] == nil { schedule(pod, pass) } else { drive(pod, &pass) }
            }
        }
    }

    private mutating func stop(_ pod: KubernetesObject, _ pass: inout ControlPass) {
        let since = runtimes[pod.uid]?.stoppingSince ?? pass.now
        runtimes[pod.uid, default: PodRuntime()].stoppingSince = since
        guard pass.hasPassed(pass.timing.podStop, since: since) else { return }
        if pod.finalizers.isEmpty { remove(.pod, pod) }
    }

    private mutating func schedule(_ pod: KubernetesObject, _ pass: ControlPass) {
        let choice = chooseNode(for: pod)
        if let why = unschedulable(pod, pass) ?? choice.why {
            let conditions = ClusterState.conditions(
                pod, setting: "PodScheduled", "False", reason: "Unschedulable", message: why, now: pass.now)
            let isNew = pod.condition("PodScheduled")?["message"]?.stringValue != why
            setStatus(.pod, pod, ["conditions": .array(conditions)], now: pass.now)
            if isNew {
                addEvent(
                    .pod, pod, "FailedScheduling", why, warning: true, component: "default-scheduler", now: pass.now)
            }
            return
        }
        runtimes[pod.uid, default: PodRuntime()].scheduledAt = pass.now
        let address = nextAddress("10.42")
        let placed = control(.pod, pod, now: pass.now) { $0["spec", "nodeName"] = .string(choice.node) }
        let conditions = ClusterState.conditions(placed, setting: "PodScheduled", "True", now: pass.now)
        setStatus(
            .pod, placed,
            [
                "conditions": .array(conditions), "hostIP": "10.0.0.5", "podIP": .string(address),
                "podIPs": [["ip": .string(address)]], "startTime": KubernetesTime.text(pass.now),
            ], now: pass.now)
        addEvent(
            .pod, placed, "Scheduled",
            "Successfully assigned \(pod.namespace)/\(pod.name) to \(choice.node)",
            component: "default-scheduler", now: pass.now)
    }

    private func unschedulable(_ pod: KubernetesObject, _ pass: ControlPass) -> String? {
        let nodes = list(.node).count
        if pass.failures.isNamed(pass.failures.unschedulable, pod.namespace, workloadName(pod)) {
            return "0/\(nodes) nodes are available: \(nodes) Insufficient memory. preemption: 0/\(nodes) nodes are "
                + "available: \(nodes) No preemption victims found for incoming pod."
        }
        for volume in pod["spec", "volumes"]?.arrayValue ?? [] {
            guard let claim = volume["persistentVolumeClaim"]?["claimName"]?.stringValue,
                object(.persistentVolumeClaim, pod.namespace, claim) == nil
            else { continue }
            return
                "0/\(nodes) nodes are available: persistentvolumeclaim \"\(claim)\" not found. preemption: 0/\(nodes) "
                + "nodes are available: \(nodes) Preemption is not helpful for scheduling."
        }
        return unboundClaim(pod, pass)
    }

    /// Lets a scheduled pod's containers start, run, crash or end.
    private mutating func drive(_ pod: KubernetesObject, _ pass: inout ControlPass) {
        var runtime = runtimes[pod.uid] ?? PodRuntime()
        let scheduled = runtime.scheduledAt ?? pass.now
        runtime.scheduledAt = scheduled
        let workload = workloadName(pod)
        var blocks: [String: PodRuntime.Block] = [:]
        var phase = "Pending"
        if runtime.startedAt == nil {
            blocks = self.blocks(pod, &runtime, &pass)
            if pass.hasPassed(pass.timing.podStart, since: scheduled), blocks.isEmpty {
                begin(pod, workload, &runtime, &pass)
            } else if blocks.isEmpty {
                blocks = Self.waiting(pod)
            }
        } else {
            runOn(pod, workload, &runtime, &pass)
        }
        if runtime.startedAt != nil { phase = "Running" }
        let isJob = pod.controller?["kind"] == "Job"
        let policy = pod["spec", "restartPolicy"]?.stringValue
        if let crash = runtime.crash, !crash.isOver, policy == "Never" {
            phase = "Failed"
        } else if isJob, let started = runtime.startedAt, runtime.crash?.isOver ?? true,
            !pass.failures.isNamed(pass.failures.endless, pod.namespace, workload),
            pass.hasPassed(pass.timing.jobRun, since: started)
        {
            phase = "Succeeded"
        }
        updateReadiness(pod, workload, phase, &runtime, pass)
        runtimes[pod.uid] = runtime
        let status = PodStatus(pod: pod, runtime: runtime, blocks: blocks, phase: phase, now: pass.now)
        setStatus(.pod, pod, status.members(), now: pass.now)
    }

    private static func waiting(_ pod: KubernetesObject) -> [String: PodRuntime.Block] {
        let names = (pod["spec", "containers"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        let isInitializing = pod["spec", "initContainers"] != nil
        let block = PodRuntime.Block(reason: isInitializing ? "PodInitializing" : "ContainerCreating")
        return Dictionary(names.map { ($0, block) }, uniquingKeysWith: { first, _ in first })
    }

    /// The containers start for the first time.
    private mutating func begin(
        _ pod: KubernetesObject, _ workload: String, _ runtime: inout PodRuntime, _ pass: inout ControlPass
    ) {
        runtime.startedAt = pass.now
        for container in pod["spec", "containers"]?.arrayValue ?? [] {
            let name = container["name"]?.stringValue ?? ""
            let path = "spec.containers{\(name)}"
            let image = container["image"]?.stringValue ?? ""
            addEvent(
                .pod, pod, "Pulled", "Container image \"\(image)\" already present on machine", fieldPath: path,
                now: pass.now)
            addEvent(.pod, pod, "Started", "Container started", fieldPath: path, now: pass.now)
        }
        if let failure = pass.failures.crash(pod.namespace, workload) {
            crash(pod, failure, &runtime, pass)
        } else {
            pass.started.append(.init(namespace: pod.namespace, workload: workload, pod: pod.name))
        }
    }

    /// The containers run already, or crash again and again.
    private mutating func runOn(
        _ pod: KubernetesObject, _ workload: String, _ runtime: inout PodRuntime, _ pass: inout ControlPass
    ) {
        let failure = pass.failures.crash(pod.namespace, workload)
        switch (runtime.crash, failure) {
        case (nil, nil): break
        case (nil, let failure?): crash(pod, failure, &runtime, pass)
        case (let crash?, let failure?):
            if crash.isOver || pass.hasCome(crash.nextStart) {
                if !crash.isOver { runtime.restarts += 1 }
                self.crash(pod, failure, &runtime, pass)
            }
        case (let crash?, nil):
            guard !crash.isOver else { break }
            runtime.restarts += 1
            runtime.startedAt = pass.now
            runtime.crash?.isOver = true
            pass.started.append(.init(namespace: pod.namespace, workload: workload, pod: pod.name))
        }
    }

    private mutating func crash(
        _ pod: KubernetesObject, _ failure: KubernetesFailures.CrashLoop, _ runtime: inout PodRuntime,
        _ pass: ControlPass
    ) {
        let wait = pass.timing.crashBackoff * (1 << min(runtime.restarts, 4))
        runtime.crash = PodRuntime.Crash(
            lines: failure.lines, exitCode: failure.exitCode, reason: failure.reason, at: pass.now,
            nextStart: pass.now.advanced(by: wait))
        runtime.isReady = false
        runtime.readyAt = nil
        guard runtime.restarts > 0 else { return }
        let name = pod["spec", "containers"]?.arrayValue?.first?["name"]?.stringValue ?? ""
        addEvent(
            .pod, pod, "BackOff",
            "Back-off restarting failed container \(name) in pod \(pod.name)_\(pod.namespace)(\(pod.uid))",
            warning: true, fieldPath: "spec.containers{\(name)}", now: pass.now)
    }

    private mutating func updateReadiness(
        _ pod: KubernetesObject, _ workload: String, _ phase: String, _ runtime: inout PodRuntime, _ pass: ControlPass
    ) {
        guard phase == "Running", runtime.crash?.isOver ?? true else {
            runtime.isReady = false
            return
        }
        guard !runtime.isReady else { return }
        if pass.failures.isNamed(pass.failures.stalledRollout, pod.namespace, workload) {
            if runtime.complaints.insert("Unhealthy").inserted {
                addEvent(
                    .pod, pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503",
                    warning: true, now: pass.now)
            }
            return
        }
        runtime.isReady = true
        runtime.readyAt = pass.now
    }

    /// What a pod's containers have written.
    func logLines(of pod: KubernetesObject, container: String, isPrevious: Bool) -> [LogLine] {
        let runtime = runtimes[pod.uid]
        if let crash = runtime?.crash, isPrevious || !crash.isOver {
            return crash.lines.map { LogLine(text: $0, at: crash.at) }
        }
        return logLines["\(pod.namespace)/\(workloadName(pod))"]
            ?? [LogLine(text: "\(container): started", at: runtime?.startedAt ?? .distantPast)]
    }
}
