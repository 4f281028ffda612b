import Domain
import Foundation

extension ClusterState {
    mutating func reconcileDeployments(_ pass: inout ControlPass) {
        for deployment in list(.deployment) where !deployment.isDeleting {
            var work = DeploymentWork(deployment, self, pass)
            work.run(&self, &pass)
        }
    }
}

/// One look at one deployment (after `pkg/controller/deployment`).
private struct DeploymentWork {
    var deployment: KubernetesObject
    /// Oldest first.
    var sets: [KubernetesObject]
    var newest: KubernetesObject?
    let desired: Int
    let maxSurge: Int
    let maxUnavailable: Int
    let isRecreating: Bool

    private static let revisionKey = "deployment.kubernetes.io/revision"

    init(_ deployment: KubernetesObject, _ state: borrowing ClusterState, _ pass: ControlPass) {
        self.deployment = deployment
        let desired = deployment["spec", "replicas"]?.intValue ?? 1
        self.desired = desired
        let rolling = deployment["spec", "strategy", "rollingUpdate"]
        isRecreating = deployment["spec", "strategy", "type"] == "Recreate"
        let surge = DeploymentWork.count(rolling?["maxSurge"], of: desired, roundsUp: true)
        let unavailable = DeploymentWork.count(rolling?["maxUnavailable"], of: desired, roundsUp: false)
        maxSurge = isRecreating ? 0 : surge
        maxUnavailable = isRecreating ? desired : max(unavailable, surge == 0 ? 1 : 0)
        sets = state.list(.replicaSet, controlledBy: deployment.uid)
            .filter { !$0.isDeleting }
            .sorted { DeploymentWork.revision($0) < DeploymentWork.revision($1) }
        let hash = DeploymentWork.hash(deployment)
        newest = sets.first { $0.labels["pod-template-hash"] == hash }
    }

    private static func count(_ value: JSONValue?, of total: Int, roundsUp: Bool) -> Int {
        if let number = value?.intValue { return number }
        guard let text = value?.stringValue, text.hasSuffix("%"), let percent = Double(text.dropLast()) else {
            return 0
        }
        let exact = Double(total) * percent / 100
        return Int(roundsUp ? exact.rounded(.up) : exact.rounded(.down))
    }

    private static func revision(_ object: KubernetesObject) -> Int {
        object.annotations[revisionKey].flatMap { Int($0) } ?? 0
    }

    private static func hash(_ deployment: KubernetesObject) -> String {
        KubernetesHash.text(of: deployment["spec", "template"] ?? .null)
    }

    private var old: [KubernetesObject] { sets.filter { $0.uid != newest?.uid } }
    private func replicas(_ set: KubernetesObject?) -> Int { set?["spec", "replicas"]?.intValue ?? 0 }
    private func status(_ set: KubernetesObject?, _ name: String) -> Int { set?["status", name]?.intValue ?? 0 }
    private func total(_ name: String) -> Int { sets.reduce(0) { $0 + status($1, name) } }

    mutating func run(_ state: inout ClusterState, _ pass: inout ControlPass) {
        var hasNewSet = false
        if deployment["spec", "paused"] != true {
            let oldPods = old.reduce(0) { $0 + state.pods(controlledBy: $1.uid).count }
            if isRecreating, newest == nil, oldPods > 0 {
                for set in old where replicas(set) > 0 { scale(set, to: 0, &state, pass) }
            } else {
                hasNewSet = makeNewest(&state, pass)
                if isRecreating {
                    for set in old where replicas(set) > 0 { scale(set, to: 0, &state, pass) }
                    if oldPods == 0, let newest { scale(newest, to: desired, &state, pass) }
                } else if !scaleUp(&state, pass) {
                    scaleDown(&state, pass)
                }
                dropHistory(&state)
            }
        } else if let newest, old.allSatisfy({ replicas($0) == 0 }) {
            scale(newest, to: desired, &state, pass)
        }
        writeStatus(hasNewSet, &state, &pass)
    }

    /// The set for the present template, made or taken up again. True when it was made.
    private mutating func makeNewest(_ state: inout ClusterState, _ pass: ControlPass) -> Bool {
        let latest = old.map(DeploymentWork.revision).max() ?? 0
        let isMade = newest == nil
        if let set = newest {
            if DeploymentWork.revision(set) <= latest {
                replace(
                    set,
                    with: state.control(.replicaSet, set, now: pass.now) {
                        $0["metadata", "annotations", DeploymentWork.revisionKey] = .string(String(latest + 1))
                    })
            }
        } else {
            let hash = DeploymentWork.hash(deployment)
            var set = KubernetesObject(["apiVersion": "apps/v1", "kind": "ReplicaSet"])
            set["metadata", "name"] = .string("\(deployment.name)-\(hash)")
            set["metadata", "namespace"] = .string(deployment.namespace)
            set["metadata", "labels"] = deployment["spec", "template", "metadata", "labels"]
            set["metadata", "labels", "pod-template-hash"] = .string(hash)
            set["metadata", "annotations", DeploymentWork.revisionKey] = .string(String(latest + 1))
            set["metadata", "annotations", "deployment.kubernetes.io/desired-replicas"] = .string(String(desired))
            set["metadata", "ownerReferences"] = [deployment.ownerReference(.deployment)]
            set["spec", "replicas"] = 0
            set["spec", "minReadySeconds"] = deployment["spec", "minReadySeconds"]
            set["spec", "selector"] = deployment["spec", "selector"]
            set["spec", "selector", "matchLabels", "pod-template-hash"] = .string(hash)
            set["spec", "template"] = deployment["spec", "template"]
            set["spec", "template", "metadata", "labels", "pod-template-hash"] = .string(hash)
            // A refusal (the namespace is ending) leaves the deployment without a set, as in a real cluster.
            guard let made = try? state.create(.replicaSet, set, .controller(pass.now)) else { return false }
            sets.append(made)
            newest = made
        }
        let revision = newest.map(DeploymentWork.revision) ?? latest
        if DeploymentWork.revision(deployment) != revision {
            // The server counts a deployment's annotations into its generation, but not this one: it goes with the status.
            var annotated = deployment
            annotated["metadata", "annotations", DeploymentWork.revisionKey] = .string(String(revision))
            annotated = ServerSideApply(
                kind: .deployment,
                manager: .init(name: "kube-controller-manager", operation: .update, subresource: "status"),
                now: pass.now
            ).update(deployment, to: annotated)
            deployment = state.put(.deployment, annotated)
        }
        return isMade
    }

    private mutating func replace(_ set: KubernetesObject, with new: KubernetesObject) {
        if let index = sets.firstIndex(where: { $0.uid == set.uid }) { sets[index] = new }
        if newest?.uid == new.uid { newest = new }
    }

    private mutating func scale(
        _ set: KubernetesObject, to count: Int, _ state: inout ClusterState, _ pass: ControlPass
    ) {
        let before = replicas(set)
        guard before != count else { return }
        replace(
            set,
            with: state.control(.replicaSet, set, now: pass.now) {
                $0["spec", "replicas"] = .int(Int64(count))
                $0["metadata", "annotations", "deployment.kubernetes.io/desired-replicas"] = .string(String(desired))
            })
        state.addEvent(
            .deployment, deployment, "ScalingReplicaSet",
            "Scaled \(count > before ? "up" : "down") replica set \(set.name) from \(before) to \(count)",
            component: "deployment-controller", now: pass.now)
    }

    /// True when the newest set was scaled, either way.
    private mutating func scaleUp(_ state: inout ClusterState, _ pass: ControlPass) -> Bool {
        guard let newest else { return false }
        let have = replicas(newest)
        if have > desired {
            scale(newest, to: desired, &state, pass)
            return true
        }
        let all = sets.reduce(0) { $0 + replicas($1) }
        let count = min(desired - have, desired + maxSurge - all)
        guard count > 0 else { return false }
        scale(newest, to: have + count, &state, pass)
        return true
    }

    private mutating func scaleDown(_ state: inout ClusterState, _ pass: ControlPass) {
        let all = sets.reduce(0) { $0 + replicas($1) }
        let newUnavailable = replicas(newest) - status(newest, "availableReplicas")
        var removable = all - (desired - maxUnavailable) - newUnavailable
        guard removable > 0 else { return }
        // First those that do not work anyway, then as many working ones as may be missing.
        for set in old where removable > 0 {
            let broken = replicas(set) - status(set, "availableReplicas")
            let count = min(removable, broken)
            guard count > 0 else { continue }
            scale(set, to: replicas(set) - count, &state, pass)
            removable -= count
        }
        var spare = total("availableReplicas") - (desired - maxUnavailable)
        for set in old where spare > 0 {
            let count = min(spare, replicas(set))
            guard count > 0 else { continue }
            scale(set, to: replicas(set) - count, &state, pass)
            spare -= count
        }
    }

    private mutating func dropHistory(_ state: inout ClusterState) {
        let limit = deployment["spec", "revisionHistoryLimit"]?.intValue ?? 10
        let empty = old.filter { replicas($0) == 0 && status($0, "replicas") == 0 }
        for set in empty.dropLast(limit) { state.remove(.replicaSet, set) }
        let gone = Set(empty.dropLast(limit).map(\.uid))
        sets.removeAll { gone.contains($0.uid) }
    }

    private mutating func writeStatus(_ hasNewSet: Bool, _ state: inout ClusterState, _ pass: inout ControlPass) {
        let available = total("availableReplicas")
        let ready = total("readyReplicas")
        let all = total("replicas")
        let updated = status(newest, "replicas")
        var shown = deployment
        let isAvailable = available >= desired - maxUnavailable
        shown["status", "conditions"] = .array(
            ClusterState.conditions(
                shown, setting: "Available", isAvailable ? "True" : "False",
                reason: isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                message: "Deployment \(isAvailable ? "has" : "does not have") minimum availability.", now: pass.now,
                hasUpdateTime: true))
        let failure = ([newest].compactMap { $0 } + old).lazy.compactMap { $0.condition("ReplicaFailure") }.first
        setFailure(failure, &shown)
        let isComplete = updated == desired && all == desired && available == desired && newest != nil
        let hasMoved =
            updated > status(deployment, "updatedReplicas") || ready > status(deployment, "readyReplicas")
            || available > status(deployment, "availableReplicas")
            || all - updated < status(deployment, "replicas") - status(deployment, "updatedReplicas")
        setProgress(hasNewSet, isComplete: isComplete, hasMoved: hasMoved, &shown, &state, &pass)
        state.setStatus(
            .deployment, deployment,
            [
                "observedGeneration": .int(Int64(deployment.generation)), "replicas": all == 0 ? nil : .int(Int64(all)),
                "updatedReplicas": .int(Int64(updated)), "readyReplicas": .int(Int64(ready)),
                "availableReplicas": available == 0 ? nil : .int(Int64(available)),
                "unavailableReplicas": .int(Int64(max(0, max(all, desired) - available))),
                "conditions": shown["status", "conditions"],
            ], now: pass.now)
    }

    private func setFailure(_ failure: JSONValue?, _ shown: inout KubernetesObject) {
        var all = (shown["status", "conditions"]?.arrayValue ?? []).filter { $0["type"] != "ReplicaFailure" }
        if let failure {
            var condition = KubernetesObject(failure)
            condition["lastUpdateTime"] = failure["lastTransitionTime"]
            all.append(condition.json)
        }
        shown["status", "conditions"] = .array(all)
    }

    private func setProgress(
        _ hasNewSet: Bool, isComplete: Bool, hasMoved: Bool, _ shown: inout KubernetesObject,
        _ state: inout ClusterState, _ pass: inout ControlPass
    ) {
        let current = deployment.condition("Progressing")
        let name = newest?.name ?? ""
        func set(_ status: String, _ reason: String, _ message: String, _ state: inout ClusterState) {
            state.progress[deployment.uid] = pass.now
            shown["status", "conditions"] = .array(
                ClusterState.conditions(
                    shown, setting: "Progressing", status, reason: reason, message: message, now: pass.now,
                    hasUpdateTime: true))
        }
        let wasComplete = current?["reason"] == "NewReplicaSetAvailable"
        if hasNewSet {
            set("True", "NewReplicaSetCreated", "Created new replica set \"\(name)\"", &state)
        } else if isComplete {
            if !wasComplete {
                set("True", "NewReplicaSetAvailable", "ReplicaSet \"\(name)\" has successfully progressed.", &state)
            }
        } else if hasMoved, !wasComplete || status(newest, "replicas") < desired {
            set("True", "ReplicaSetUpdated", "ReplicaSet \"\(name)\" is progressing.", &state)
        } else if !wasComplete, current?["status"] == "True", deployment["spec", "paused"] != true,
            let seconds = deployment["spec", "progressDeadlineSeconds"]?.intValue,
            pass.hasPassed(.seconds(seconds), since: state.progress[deployment.uid] ?? pass.now)
        {
            let last = state.progress[deployment.uid]
            set("False", "ProgressDeadlineExceeded", "ReplicaSet \"\(name)\" has timed out progressing.", &state)
            state.progress[deployment.uid] = last
        }
    }
}
