import Domain
import Foundation

extension KubernetesAPI {
    /// POST of an `Eviction` (policy/v1): the pod's deletion, where its disruption budget has room
    /// (`pkg/registry/core/pod/storage/eviction.go`).
    func evict(_ request: KubernetesRequest, _ path: ResourcePath) throws -> KubernetesAnswer {
        guard request.method == "POST" else { throw KubernetesStatus.methodNotAllowed }
        let eviction = try PatchReader.object(request)
        let name = path.name ?? ""
        guard eviction["apiVersion"] == "policy/v1", eviction["kind"] == "Eviction" else {
            throw KubernetesStatus.badRequest(
                "the object provided (\(eviction["apiVersion"]?.plainText ?? ""), "
                    + "Kind=\(eviction["kind"]?.plainText ?? "")) does not match the requested resource (policy/v1, "
                    + "Kind=Eviction)")
        }
        guard eviction.name == name else {
            throw KubernetesStatus.badRequest("name in URL does not match name in Eviction object")
        }
        var options = DeleteOptions(eviction["deleteOptions"] ?? [:])
        options.isDryRun = options.isDryRun || request.isDryRun
        try change(isDryRun: options.isDryRun) { state in
            guard let pod = state.object(.pod, path.namespace, name) else {
                throw KubernetesStatus.notFound(.pod, name)
            }
            try state.evict(pod, options, now: time.now)
        }
        return .json(201, ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"])
    }
}

extension ClusterState {
    /// Throws 429 when a disruption budget has no room, 409 when a precondition does not hold.
    fileprivate mutating func evict(_ pod: KubernetesObject, _ options: DeleteOptions, now: Date) throws {
        // The deletion throws the conflict.
        if let uid = options.uid, uid != pod.uid { _ = try delete(.pod, pod, options, now: now) }
        if ClusterState.isActive(pod), pod.phase != "Pending", let budget = try budget(of: pod) {
            try take(pod, from: budget, now: now)
        }
        _ = try delete(.pod, pod, options, now: now)
    }

    /// Throws 500 when there are several, as the real server does.
    private func budget(of pod: KubernetesObject) throws -> KubernetesObject? {
        let budgets = list(.podDisruptionBudget, namespace: pod.namespace).filter {
            LabelSelector(spec: $0["spec", "selector"]).matches(pod.labels)
        }
        guard budgets.count < 2 else {
            throw KubernetesStatus.internalError(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
        }
        return budgets.first
    }

    private mutating func take(_ pod: KubernetesObject, from budget: KubernetesObject, now: Date) throws {
        func number(_ name: String) -> Int { budget["status", name]?.intValue ?? 0 }
        let needed = number("desiredHealthy")
        let healthy = number("currentHealthy")
        if !ClusterState.isReady(pod) {
            let isAlways = budget["spec", "unhealthyPodEvictionPolicy"] == "AlwaysAllow"
            if isAlways || (healthy >= needed && needed > 0) { return }
        }
        guard number("observedGeneration") >= budget.generation else {
            throw KubernetesStatus.disruption(
                "The disruption budget \(budget.name) is still being processed by the server.", retryAfterSeconds: 10)
        }
        let allowed = number("disruptionsAllowed")
        guard allowed > 0 else {
            throw KubernetesStatus.disruption(
                "The disruption budget \(budget.name) needs \(needed) healthy pods and has \(healthy) currently")
        }
        setStatus(.podDisruptionBudget, budget, ["disruptionsAllowed": .int(Int64(allowed - 1))], now: now)
    }
}

extension KubernetesStatus {
    fileprivate static func disruption(_ why: String, retryAfterSeconds: Int? = nil) -> KubernetesStatus {
        var details: [String: JSONValue] = ["causes": [["reason": "DisruptionBudget", "message": .string(why)]]]
        if let retryAfterSeconds { details["retryAfterSeconds"] = .int(Int64(retryAfterSeconds)) }
        return KubernetesStatus(
            code: 429, reason: "TooManyRequests",
            message: "Cannot evict pod as it would violate the pod's disruption budget.", details: .object(details),
            headers: retryAfterSeconds.map { [("Retry-After", String($0))] } ?? [])
    }
}
