import Domain
import Foundation

/// The status that the kubelet writes for a pod.
struct PodStatus: Sendable {
    let pod: KubernetesObject
    let runtime: PodRuntime
    let blocks: [String: PodRuntime.Block]
    let phase: String
    let now: Date

    func members() -> [String: JSONValue?] {
        let initBlocked = initContainers.contains { blocks[$0["name"]?.stringValue ?? ""] != nil }
        let isEnded = phase == "Succeeded" || phase == "Failed"
        let isInitialized = !initBlocked && (runtime.startedAt != nil || initContainers.isEmpty)
        var shown = pod
        func set(_ type: String, _ isTrue: Bool, _ reason: String? = nil, _ message: String? = nil) {
            shown["status", "conditions"] = .array(
                ClusterState.conditions(
                    shown, setting: type, isTrue ? "True" : "False", reason: isTrue ? nil : reason,
                    message: isTrue ? nil : message, now: now))
        }
        let names = containers.compactMap { $0["name"]?.stringValue }.joined(separator: " ")
        let unready = "containers with unready status: [\(names)]"
        let reason = phase == "Succeeded" ? "PodCompleted" : "ContainersNotReady"
        set("PodReadyToStartContainers", !isEnded)
        set("Initialized", isInitialized, "ContainersNotInitialized")
        set("ContainersReady", runtime.isReady, reason, phase == "Succeeded" ? nil : unready)
        set("Ready", runtime.isReady, reason, phase == "Succeeded" ? nil : unready)
        var members: [String: JSONValue?] = [
            "phase": .string(phase), "conditions": shown["status", "conditions"],
            "containerStatuses": .array(containers.map(status)),
        ]
        if !initContainers.isEmpty {
            members["initContainerStatuses"] = .array(initContainers.map { initStatus($0) })
        }
        return members
    }

    private var containers: [JSONValue] { pod["spec", "containers"]?.arrayValue ?? [] }
    private var initContainers: [JSONValue] { pod["spec", "initContainers"]?.arrayValue ?? [] }

    private func base(_ container: JSONValue) -> [String: JSONValue] {
        let image = container["image"] ?? ""
        return [
            "name": container["name"] ?? "", "image": image, "imageID": "", "restartCount": 0, "ready": false,
            "started": false, "lastState": [:], "state": [:],
        ]
    }

    private func identified(_ members: inout [String: JSONValue], _ container: JSONValue) {
        let digest = KubernetesHash.text(of: container["image"] ?? "")
        members["imageID"] = .string("\(container["image"]?.plainText ?? "")@sha256:\(digest)")
        members["containerID"] = .string("containerd://\(pod.uid)-\(runtime.restarts)")
    }

    private func status(_ container: JSONValue) -> JSONValue {
        var members = base(container)
        let name = container["name"]?.stringValue ?? ""
        members["restartCount"] = .int(Int64(runtime.restarts))
        if let block = blocks[name] {
            members["state"] = waiting(block)
        } else if runtime.startedAt == nil {
            // Another container of the pod keeps this one waiting too.
            members["state"] = waiting(PodRuntime.Block(reason: "ContainerCreating"))
        } else {
            identified(&members, container)
            started(&members, name)
        }
        return .object(members)
    }

    private func started(_ members: inout [String: JSONValue], _ name: String) {
        let ended = runtime.crash.map { terminated($0.exitCode, $0.reason, $0.at) }
        if let crash = runtime.crash, !crash.isOver {
            if runtime.restarts == 0 || phase == "Failed" {
                members["state"] = ended
            } else {
                let seconds = min(300, 10 << min(runtime.restarts - 1, 5))
                let wait = seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
                members["state"] = waiting(
                    PodRuntime.Block(
                        reason: "CrashLoopBackOff",
                        message: "back-off \(wait) restarting failed container=\(name) "
                            + "pod=\(pod.name)_\(pod.namespace)(\(pod.uid))"))
                members["lastState"] = ended
            }
            return
        }
        if let ended { members["lastState"] = ended }
        if phase == "Succeeded" {
            members["state"] = terminated(0, "Completed", now)
            return
        }
        members["state"] = ["running": ["startedAt": KubernetesTime.text(runtime.startedAt ?? now)]]
        members["ready"] = .bool(runtime.isReady)
        members["started"] = true
    }

    private func initStatus(_ container: JSONValue) -> JSONValue {
        var members = base(container)
        if let block = blocks[container["name"]?.stringValue ?? ""] {
            members["state"] = waiting(block)
        } else if let started = runtime.startedAt {
            identified(&members, container)
            members["ready"] = true
            members["state"] = terminated(0, "Completed", started)
        } else {
            members["state"] = waiting(PodRuntime.Block(reason: "PodInitializing"))
        }
        return .object(members)
    }

    private func waiting(_ block: PodRuntime.Block) -> JSONValue {
        var waiting: [String: JSONValue] = ["reason": .string(block.reason)]
        if let message = block.message { waiting["message"] = .string(message) }
        return ["waiting": .object(waiting)]
    }

    private func terminated(_ code: Int, _ reason: String, _ at: Date) -> JSONValue {
        [
            "terminated": [
                "exitCode": .int(Int64(code)), "reason": .string(reason),
                "startedAt": KubernetesTime.text(runtime.startedAt ?? at), "finishedAt": KubernetesTime.text(at),
                "containerID": .string("containerd://\(pod.uid)-\(runtime.restarts)"),
            ]
        ]
    }
}
