import Domain
import Foundation

extension ClusterState {
    static let nodeName = "sandbox-node-1"
    private static let mostEvents = 1000

    /// Writes what a controller decided. A refusal leaves the object as it is: the controller looks again later.
    @discardableResult
    mutating func control(
        _ kind: ResourceKind, _ live: KubernetesObject, subresource: String = "", now: Date,
        _ change: (inout KubernetesObject) -> Void
    ) -> KubernetesObject {
        var new = live
        change(&new)
        guard new != live else { return live }
        // Controllers only ever write what the rules allow; where somebody deleted the object meanwhile, nothing is lost.
        return (try? replace(kind, live, with: new, .controller(now, subresource: subresource))) ?? live
    }

    /// Sets the status, leaving out members that are nothing.
    @discardableResult
    mutating func setStatus(
        _ kind: ResourceKind, _ live: KubernetesObject, _ status: [String: JSONValue?], now: Date
    ) -> KubernetesObject {
        control(kind, live, subresource: "status", now: now) { object in
            for (name, value) in status {
                let isNothing = value == nil || value == .null || (value == 0 && !ClusterState.keptZeros.contains(name))
                object["status", name] = isNothing ? nil : value
            }
            if object["status"] == nil { object["status"] = [:] }
        }
    }

    /// Members of a status that are there also when they are 0.
    private static let keptZeros: Set<String> = [
        "replicas", "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady",
        "availableReplicas", "currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods", "collisionCount",
        "currentReplicas", "desiredReplicas",
    ]

    /// Conditions with one set; its time moves only when its status does.
    static func conditions(
        _ object: KubernetesObject, setting type: String, _ status: String, reason: String? = nil,
        message: String? = nil, now: Date, hasUpdateTime: Bool = false
    ) -> [JSONValue] {
        var all = object["status", "conditions"]?.arrayValue ?? []
        let place = all.firstIndex { $0["type"]?.stringValue == type }
        let old = place.map { all[$0] }
        var condition: [String: JSONValue] = ["type": .string(type), "status": .string(status)]
        if let reason { condition["reason"] = .string(reason) }
        if let message { condition["message"] = .string(message) }
        let time = KubernetesTime.text(now)
        let isSame = old?["status"]?.stringValue == status
        condition["lastTransitionTime"] = isSame ? old?["lastTransitionTime"] ?? time : time
        if hasUpdateTime {
            let isUnchanged = isSame && old?["reason"] == condition["reason"] && old?["message"] == condition["message"]
            condition["lastUpdateTime"] = isUnchanged ? old?["lastUpdateTime"] ?? time : time
        }
        if let place { all[place] = .object(condition) } else { all.append(.object(condition)) }
        return all
    }

    /// Records an event (core/v1); the same one again is counted.
    mutating func addEvent(
        _ kind: ResourceKind, _ object: KubernetesObject, _ reason: String, _ message: String, warning: Bool = false,
        component: String = "kubelet", fieldPath: String? = nil, now: Date
    ) {
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        guard let place = self.object(.namespace, "", namespace), !place.isDeleting else { return }
        let mark = KubernetesHash.text(of: [.string(object.uid), .string(reason), .string(message)])
        let name = "\(object.name).\(mark)"
        let time = KubernetesTime.text(now)
        if var known = self.object(.event, namespace, name) {
            known["count"] = .int(Int64((known["count"]?.intValue ?? 1) + 1))
            known["lastTimestamp"] = time
            put(.event, known)
            return
        }
        var involved: [String: JSONValue] = [
            "kind": .string(kind.kind), "apiVersion": .string(kind.apiVersion), "name": .string(object.name),
            "uid": .string(object.uid), "resourceVersion": .string(object.resourceVersion),
        ]
        if !object.namespace.isEmpty { involved["namespace"] = .string(object.namespace) }
        if let fieldPath { involved["fieldPath"] = .string(fieldPath) }
        var source: [String: JSONValue] = ["component": .string(component)]
        if component == "kubelet" { source["host"] = object["spec", "nodeName"] ?? .string(ClusterState.nodeName) }
        put(
            .event,
            KubernetesObject([
                "apiVersion": "v1", "kind": "Event",
                "metadata": [
                    "name": .string(name), "namespace": .string(namespace), "uid": .string(nextUID()),
                    "creationTimestamp": time,
                ],
                "involvedObject": .object(involved), "reason": .string(reason), "message": .string(message),
                "type": warning ? "Warning" : "Normal", "source": .object(source), "count": 1,
                "firstTimestamp": time, "lastTimestamp": time, "eventTime": .null,
                "reportingComponent": .string(component), "reportingInstance": source["host"] ?? "",
            ]))
        dropOldEvents()
    }

    private mutating func dropOldEvents() {
        guard let all = objects[.event], all.count > ClusterState.mostEvents else { return }
        let oldest = all.values.min { Int($0.resourceVersion) ?? 0 < Int($1.resourceVersion) ?? 0 }
        if let oldest { remove(.event, oldest) }
    }

    func pods(controlledBy uid: String) -> [KubernetesObject] {
        list(.pod, controlledBy: uid)
    }

    /// The name that people know a pod's owner by: the deployment, stateful set, daemon set, job or cron job.
    func workloadName(_ pod: KubernetesObject) -> String {
        guard let owner = pod.controller, let name = owner["name"]?.stringValue else { return pod.name }
        let kind: ResourceKind? =
            switch owner["kind"]?.stringValue {
            case "ReplicaSet": .replicaSet
            case "Job": .job
            default: nil
            }
        guard let kind, let object = object(kind, pod.namespace, name) else { return name }
        return object.controller?["name"]?.stringValue ?? name
    }

    static func isReady(_ pod: KubernetesObject) -> Bool {
        pod.condition("Ready")?["status"] == "True" && !pod.isDeleting
    }

    static func isActive(_ pod: KubernetesObject) -> Bool {
        !pod.isDeleting && !["Succeeded", "Failed"].contains(pod.phase)
    }

    /// Whether a pod has been ready for as long as its workload wants.
    func isAvailable(_ pod: KubernetesObject, minReadySeconds: Int, _ pass: inout ControlPass) -> Bool {
        guard ClusterState.isReady(pod) else { return false }
        guard minReadySeconds > 0 else { return true }
        return pass.hasPassed(.seconds(minReadySeconds), since: runtimes[pod.uid]?.readyAt ?? pass.now)
    }

    /// Makes a pod out of a workload's template. Throws 403 when the namespace's quota is used up.
    @discardableResult
    mutating func createPod(
        _ template: JSONValue?, named name: String?, prefix: String, owner: KubernetesObject, _ kind: ResourceKind,
        labels: [String: String] = [:], _ pass: ControlPass, _ change: (inout KubernetesObject) -> Void = { _ in }
    ) throws -> KubernetesObject {
        var pod = KubernetesObject(["apiVersion": "v1", "kind": "Pod", "spec": template?["spec"] ?? [:]])
        pod["metadata"] = template?["metadata"] ?? [:]
        pod["metadata", "creationTimestamp"] = nil
        let full = name ?? prefix + nextSuffix()
        pod["metadata", "name"] = .string(full)
        if name == nil { pod["metadata", "generateName"] = .string(prefix) }
        pod["metadata", "namespace"] = .string(owner.namespace)
        pod["metadata", "ownerReferences"] = [owner.ownerReference(kind)]
        for (label, value) in labels { pod["metadata", "labels", label] = .string(value) }
        change(&pod)
        if pass.failures.quota.contains(owner.namespace) || pass.failures.quota.contains("*") {
            let used = list(.pod, namespace: owner.namespace).count
            throw KubernetesStatus.forbidden(
                .pod, full,
                "exceeded quota: compute-resources, requested: pods=1, used: pods=\(used), limited: pods=\(used)")
        }
        return try create(.pod, pod, .controller(pass.now))
    }
}
