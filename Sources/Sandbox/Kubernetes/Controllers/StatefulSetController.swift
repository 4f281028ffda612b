import Domain
import Foundation

extension ClusterState {
    mutating func reconcileStatefulSets(_ pass: inout ControlPass) {
        for set in list(.statefulSet) where !set.isDeleting {
            let updateRevision = StatefulSetWork.revision(set)
            keepTemplate(of: set, updateRevision)
            advance(statefulSet: set, updateRevision, &pass)
            // What was just changed is seen in the status of the next round.
            writeStatus(statefulSet: set, updateRevision, &pass)
        }
    }

    /// Remembers the template of each revision in use, as `ControllerRevision` objects do in a real cluster.
    private mutating func keepTemplate(of set: KubernetesObject, _ update: String) {
        let current = set["status", "currentRevision"]?.stringValue
        var kept = (templates[set.uid] ?? [:]).filter { $0.key == current }
        kept[update] = set["spec", "template"]
        templates[set.uid] = kept
    }

    private mutating func advance(statefulSet set: KubernetesObject, _ update: String, _ pass: inout ControlPass) {
        let work = StatefulSetWork(set, pods(controlledBy: set.uid), updateRevision: update)
        let seconds = set["spec", "minReadySeconds"]?.intValue ?? 0
        // Up, in order.
        for ordinal in work.wanted {
            guard let pod = work.pods[ordinal] else {
                guard create(ordinal, of: set, work, pass) else { return }
                if work.isOrdered { return }
                continue
            }
            if ["Succeeded", "Failed"].contains(pod.phase), !pod.isDeleting {
                end(pod, owner: set, .statefulSet, pass)
                return
            }
            let isGood = !pod.isDeleting && isAvailable(pod, minReadySeconds: seconds, &pass)
            if work.isOrdered, !isGood { return }
        }
        // Down, from the last.
        for (_, pod) in work.pods.filter({ !work.wanted.contains($0.key) }).sorted(by: { $0.key > $1.key }) {
            if !pod.isDeleting { end(pod, owner: set, .statefulSet, pass) }
            if work.isOrdered { return }
        }
        guard set["spec", "updateStrategy", "type"] != "OnDelete" else { return }
        // Anew, from the last.
        for ordinal in work.wanted.reversed() where ordinal >= work.partition {
            guard let pod = work.pods[ordinal] else { return }
            if pod.labels[StatefulSetWork.hashLabel] != update {
                if !pod.isDeleting { end(pod, owner: set, .statefulSet, pass) }
                return
            }
            if !isAvailable(pod, minReadySeconds: seconds, &pass) { return }
        }
    }

    private mutating func create(
        _ ordinal: Int, of set: KubernetesObject, _ work: StatefulSetWork, _ pass: ControlPass
    ) -> Bool {
        let name = "\(set.name)-\(ordinal)"
        let claims = set["spec", "volumeClaimTemplates"]?.arrayValue ?? []
        for claim in claims { makeClaim(claim, for: name, of: set, pass) }
        let isHeld = ordinal < work.partition && !work.currentRevision.isEmpty
        let revision = isHeld ? work.currentRevision : work.updateRevision
        let labels = [
            StatefulSetWork.hashLabel: revision, "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": String(ordinal),
        ]
        do {
            let template = templates[set.uid]?[revision] ?? set["spec", "template"]
            try createPod(template, named: name, prefix: "", owner: set, .statefulSet, labels: labels, pass) { pod in
                pod["spec", "hostname"] = .string(name)
                pod["spec", "subdomain"] = set["spec", "serviceName"]
                var volumes = pod["spec", "volumes"]?.arrayValue ?? []
                for claim in claims {
                    let volume = claim["metadata"]?["name"]?.stringValue ?? ""
                    volumes.removeAll { $0["name"]?.stringValue == volume }
                    volumes.append([
                        "name": .string(volume), "persistentVolumeClaim": ["claimName": .string("\(volume)-\(name)")],
                    ])
                }
                if !volumes.isEmpty { pod["spec", "volumes"] = .array(volumes) }
            }
            addEvent(
                .statefulSet, set, "SuccessfulCreate",
                "create Pod \(name) in StatefulSet \(set.name) successful", component: "statefulset-controller",
                now: pass.now)
            return true
        } catch {
            let why = (error as? KubernetesStatus)?.message ?? "\(error)"
            let message = "create Pod \(name) in StatefulSet \(set.name) failed error: \(why)"
            let isKnown = list(.event, namespace: set.namespace).contains { $0["message"]?.stringValue == message }
            if !isKnown {
                addEvent(
                    .statefulSet, set, "FailedCreate", message, warning: true, component: "statefulset-controller",
                    now: pass.now)
            }
            return false
        }
    }

    private mutating func makeClaim(
        _ template: JSONValue, for pod: String, of set: KubernetesObject, _ pass: ControlPass
    ) {
        let name = "\(template["metadata"]?["name"]?.stringValue ?? "")-\(pod)"
        guard object(.persistentVolumeClaim, set.namespace, name) == nil else { return }
        var claim = KubernetesObject([
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": template["metadata"] ?? [:],
            "spec": template["spec"] ?? [:],
        ])
        claim["metadata", "name"] = .string(name)
        claim["metadata", "namespace"] = .string(set.namespace)
        for (label, value) in KubernetesObject.strings(set["spec", "selector", "matchLabels"]) {
            claim["metadata", "labels", label] = .string(value)
        }
        // A claim that is refused leaves its pod unschedulable, which says so.
        _ = try? create(.persistentVolumeClaim, claim, .controller(pass.now))
    }

    private mutating func writeStatus(statefulSet set: KubernetesObject, _ update: String, _ pass: inout ControlPass) {
        let work = StatefulSetWork(set, pods(controlledBy: set.uid), updateRevision: update)
        let seconds = set["spec", "minReadySeconds"]?.intValue ?? 0
        let pods = Array(work.pods.values)
        let ready = pods.count(where: ClusterState.isReady)
        var available = 0
        for pod in pods where isAvailable(pod, minReadySeconds: seconds, &pass) { available += 1 }
        var current = work.currentRevision.isEmpty ? update : work.currentRevision
        func count(_ revision: String) -> Int {
            pods.count { $0.labels[StatefulSetWork.hashLabel] == revision && !$0.isDeleting }
        }
        let isWhole = pods.count == work.wanted.count && ready == pods.count && count(update) == pods.count
        if isWhole { current = update }
        func number(_ value: Int) -> JSONValue { .int(Int64(value)) }
        setStatus(
            .statefulSet, set,
            [
                "observedGeneration": number(set.generation), "replicas": number(pods.count),
                "readyReplicas": number(ready), "availableReplicas": number(available),
                "currentReplicas": count(current) == 0 ? nil : number(count(current)),
                "updatedReplicas": number(count(update)), "currentRevision": .string(current),
                "updateRevision": .string(update), "collisionCount": 0,
            ], now: pass.now)
    }
}

/// A stateful set with its pods by their number.
private struct StatefulSetWork {
    static let hashLabel = "controller-revision-hash"

    var pods: [Int: KubernetesObject] = [:]
    let wanted: Range<Int>
    let partition: Int
    let isOrdered: Bool
    let currentRevision: String
    let updateRevision: String

    init(_ set: KubernetesObject, _ all: [KubernetesObject], updateRevision: String) {
        let start = set["spec", "ordinals", "start"]?.intValue ?? 0
        wanted = start..<start + (set["spec", "replicas"]?.intValue ?? 1)
        partition = set["spec", "updateStrategy", "rollingUpdate", "partition"]?.intValue ?? 0
        isOrdered = set["spec", "podManagementPolicy"] != "Parallel"
        currentRevision = set["status", "currentRevision"]?.stringValue ?? ""
        self.updateRevision = updateRevision
        for pod in all {
            if let ordinal = pod.name.split(separator: "-").last.flatMap({ Int($0) }) { pods[ordinal] = pod }
        }
    }

    static func revision(_ set: KubernetesObject) -> String {
        "\(set.name)-\(KubernetesHash.text(of: set["spec", "template"] ?? .null))"
    }
}
