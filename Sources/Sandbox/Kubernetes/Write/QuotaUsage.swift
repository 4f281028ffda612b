import Domain

/// What an object counts for in a namespace's quotas (`k8s.io/kubernetes/pkg/quota/v1/evaluator/core`).
enum QuotaUsage {
    typealias Amounts = [String: KubernetesQuantity]

    static func of(_ kind: ResourceKind, _ object: KubernetesObject) -> Amounts {
        let one = KubernetesQuantity(1)
        var amounts: Amounts = ["count/\(kind.qualifiedPlural)": one]
        switch kind {
        case .pod:
            // A pod that has ended holds nothing any more.
            guard !["Succeeded", "Failed"].contains(object.phase) else { return amounts }
            amounts["pods"] = one
            amounts.merge(compute(object)) { $1 }
        case .persistentVolumeClaim:
            amounts["persistentvolumeclaims"] = one
            amounts["requests.storage"] = KubernetesQuantity(object["spec", "resources", "requests", "storage"])
        case .service:
            let type = object["spec", "type"]?.stringValue
            let ports = object["spec", "ports"]?.arrayValue?.count ?? 0
            amounts["services"] = one
            amounts["services.loadbalancers"] = KubernetesQuantity(type == "LoadBalancer" ? 1 : 0)
            amounts["services.nodeports"] = KubernetesQuantity(
                ["NodePort", "LoadBalancer"].contains(type) ? ports : 0)
        case .secret, .configMap, .resourceQuota: amounts[kind.plural] = one
        default: break
        }
        return amounts
    }

    /// `must specify limits.cpu for: web; limits.memory for: web`; nil when each container says what the quota counts.
    static func unsaid(_ pod: KubernetesObject, _ hard: Set<String>) -> String? {
        var missing: [String: [String]] = [:]
        for container in containers(pod) {
            for (name, resource) in computeNames where hard.contains(name) && resource.of(container) == nil {
                missing[name, default: []].append(container["name"]?.stringValue ?? "")
            }
        }
        guard !missing.isEmpty else { return nil }
        let parts = missing.sorted { $0.key < $1.key }.map {
            "\($0.key) for: \($0.value.sorted().joined(separator: ","))"
        }
        return "must specify " + parts.joined(separator: "; ")
    }

    private struct Resource {
        var list: String
        var name: String

        func of(_ container: JSONValue) -> KubernetesQuantity? {
            KubernetesQuantity(container["resources"]?[list]?[name])
        }
    }

    private static let computeNames: [String: Resource] = [
        "cpu": Resource(list: "requests", name: "cpu"), "memory": Resource(list: "requests", name: "memory"),
        "requests.cpu": Resource(list: "requests", name: "cpu"),
        "requests.memory": Resource(list: "requests", name: "memory"),
        "limits.cpu": Resource(list: "limits", name: "cpu"), "limits.memory": Resource(list: "limits", name: "memory"),
    ]

    private static func containers(_ pod: KubernetesObject, _ list: String = "containers") -> [JSONValue] {
        pod["spec", list]?.arrayValue ?? []
    }

    /// All containers together, or one init container alone where that is more.
    private static func compute(_ pod: KubernetesObject) -> Amounts {
        computeNames.compactMapValues { resource in
            let sum = containers(pod).compactMap(resource.of).reduce(KubernetesQuantity(0), +)
            let most = containers(pod, "initContainers").compactMap(resource.of).max() ?? KubernetesQuantity(0)
            return max(sum, most)
        }
    }
}
