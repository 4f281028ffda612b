import Domain
import Foundation

extension ClusterState {
    /// Claims are bound a moment after they were made.
    mutating func reconcileClaims(_ pass: inout ControlPass) {
        for claim in list(.persistentVolumeClaim) where claim.phase == "Bound" && !claim.isDeleting {
            grow(claim, &pass)
        }
        for claim in list(.persistentVolumeClaim) where claim.phase != "Bound" && !claim.isDeleting {
            if pass.failures.unboundClaims.contains(where: { $0 == "*" || $0 == claim.name }) {
                complainUnbound(claim, pass)
                continue
            }
            let since = progress[claim.uid] ?? pass.now
            progress[claim.uid] = since
            guard pass.hasPassed(pass.timing.podStart, since: since) else { continue }
            let named = control(.persistentVolumeClaim, claim, now: pass.now) {
                $0["spec", "volumeName"] = $0["spec", "volumeName"] ?? .string("pvc-\(claim.uid)")
            }
            setStatus(
                .persistentVolumeClaim, named,
                [
                    "phase": "Bound", "accessModes": named["spec", "accessModes"],
                    "capacity": ["storage": named["spec", "resources", "requests", "storage"] ?? "1Gi"],
                ], now: pass.now)
        }
    }

    /// Addresses of load balancers and ingresses, endpoints of services.
    mutating func reconcileServices(_ pass: inout ControlPass) {
        let address: JSONValue = ["ingress": [["ip": "203.0.113.10", "ipMode": "VIP"]]]
        for service in list(.service) where !service.isDeleting {
            if service["spec", "type"] == "LoadBalancer" {
                setStatus(.service, service, ["loadBalancer": address], now: pass.now)
            }
            if service["spec", "selector"] != nil { writeEndpoints(service, pass) }
        }
        for ingress in list(.ingress) where !ingress.isDeleting {
            setStatus(.ingress, ingress, ["loadBalancer": ["ingress": [["ip": "203.0.113.10"]]]], now: pass.now)
        }
    }

    private mutating func writeEndpoints(_ service: KubernetesObject, _ pass: ControlPass) {
        let selector = KubernetesObject.strings(service["spec", "selector"])
        let pods = list(.pod, namespace: service.namespace).filter { pod in
            selector.allSatisfy { pod.labels[$0.key] == $0.value } && ClusterState.isReady(pod)
        }
        var subsets: JSONValue?
        if !pods.isEmpty {
            let addresses = pods.map { pod -> JSONValue in
                [
                    "ip": pod["status", "podIP"] ?? "", "nodeName": pod["spec", "nodeName"] ?? "",
                    "targetRef": [
                        "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name),
                        "uid": .string(pod.uid),
                    ],
                ]
            }
            let ports = (service["spec", "ports"]?.arrayValue ?? []).map { port -> JSONValue in
                var members: [String: JSONValue] = [
                    "port": port["targetPort"]?.intValue.map { .int(Int64($0)) } ?? port["port"] ?? 0,
                    "protocol": port["protocol"] ?? "TCP",
                ]
                members["name"] = port["name"]
                return .object(members)
            }
            subsets = [["addresses": .array(addresses), "ports": .array(ports)]]
        }
        if let known = object(.endpoints, service.namespace, service.name) {
            control(.endpoints, known, now: pass.now) { $0["subsets"] = subsets }
            return
        }
        var endpoints = KubernetesObject([
            "metadata": ["name": .string(service.name), "namespace": .string(service.namespace)]
        ])
        endpoints["metadata", "ownerReferences"] = [service.ownerReference(.service)]
        endpoints["subsets"] = subsets
        // Refused only while the namespace ends, when nobody needs them.
        _ = try? create(.endpoints, endpoints, .controller(pass.now))
    }

    /// An autoscaler without metrics keeps its target between the least and the most.
    mutating func reconcileAutoscalers(_ pass: ControlPass) {
        for autoscaler in list(.horizontalPodAutoscaler) where !autoscaler.isDeleting {
            let reference = autoscaler["spec", "scaleTargetRef"]
            guard
                let kind = ResourceKind.all.first(where: { $0.hasScale && $0.kind == reference?["kind"]?.stringValue }),
                let target = object(kind, autoscaler.namespace, reference?["name"]?.stringValue ?? "")
            else {
                setAutoscaler(autoscaler, "AbleToScale", false, "FailedGetScale", nil, pass)
                continue
            }
            let current = target["spec", "replicas"]?.intValue ?? 1
            let least = autoscaler["spec", "minReplicas"]?.intValue ?? 1
            let wanted = max(least, min(autoscaler["spec", "maxReplicas"]?.intValue ?? current, current))
            if current != wanted, current > 0 {
                control(kind, target, subresource: "scale", now: pass.now) {
                    $0["spec", "replicas"] = .int(Int64(wanted))
                }
            }
            let replicas = target["status", "replicas"]?.intValue ?? 0
            setAutoscaler(
                autoscaler, "AbleToScale", true, "ReadyForNewScale", (replicas, current > 0 ? wanted : 0), pass)
        }
    }

    private mutating func setAutoscaler(
        _ autoscaler: KubernetesObject, _ type: String, _ isTrue: Bool, _ reason: String, _ counts: (Int, Int)?,
        _ pass: ControlPass
    ) {
        let conditions = ClusterState.conditions(
            autoscaler, setting: type, isTrue ? "True" : "False", reason: reason,
            message: isTrue
                ? "recommended size matches current size" : "the target of the autoscaler does not exist",
            now: pass.now)
        setStatus(
            .horizontalPodAutoscaler, autoscaler,
            [
                "conditions": .array(conditions), "currentReplicas": .int(Int64(counts?.0 ?? 0)),
                "desiredReplicas": .int(Int64(counts?.1 ?? 0)),
            ], now: pass.now)
    }

    mutating func reconcileDisruptionBudgets(_ pass: ControlPass) {
        for budget in list(.podDisruptionBudget) where !budget.isDeleting {
            let selector = LabelSelector(spec: budget["spec", "selector"])
            let pods = list(.pod, namespace: budget.namespace).filter {
                selector.matches($0.labels) && ClusterState.isActive($0)
            }
            let healthy = pods.count(where: ClusterState.isReady)
            let desired = ClusterState.leastHealthy(budget, expectedPods(pods))
            let allowed = max(0, healthy - desired)
            let conditions = ClusterState.conditions(
                budget, setting: "DisruptionAllowed", allowed > 0 ? "True" : "False",
                reason: allowed > 0 ? "SufficientPods" : "InsufficientPods", message: "", now: pass.now)
            setStatus(
                .podDisruptionBudget, budget,
                [
                    "observedGeneration": .int(Int64(budget.generation)),
                    "expectedPods": .int(Int64(expectedPods(pods))),
                    "currentHealthy": .int(Int64(healthy)), "desiredHealthy": .int(Int64(desired)),
                    "disruptionsAllowed": .int(Int64(allowed)), "conditions": .array(conditions),
                ], now: pass.now)
        }
    }

    private static func leastHealthy(_ budget: KubernetesObject, _ pods: Int) -> Int {
        func count(_ value: JSONValue?) -> Int? {
            if let number = value?.intValue { return number }
            guard let text = value?.stringValue, text.hasSuffix("%"), let percent = Double(text.dropLast()) else {
                return nil
            }
            return Int((Double(pods) * percent / 100).rounded(.up))
        }
        if let least = count(budget["spec", "minAvailable"]) { return least }
        return max(0, pods - (count(budget["spec", "maxUnavailable"]) ?? 0))
    }
}
