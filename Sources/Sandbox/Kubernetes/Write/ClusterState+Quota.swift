import Domain

extension ClusterState {
    /// Throws 403 when a quota of the namespace has no room for a new object, in the words of the admission plugin
    /// (`k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go`).
    func checkQuotas(_ kind: ResourceKind, _ object: KubernetesObject) throws {
        guard kind.isNamespaced else { return }
        for quota in list(.resourceQuota, namespace: object.namespace) {
            let hard = ClusterState.hard(quota)
            if kind == .pod, let unsaid = QuotaUsage.unsaid(object, Set(hard.keys)) {
                throw KubernetesStatus.forbidden(kind, object.name, "failed quota: \(quota.name): \(unsaid)")
            }
            let asked = QuotaUsage.of(kind, object).filter { hard[$0.key] != nil && !$0.value.isZero }
            guard !asked.isEmpty else { continue }
            let used = used(hard, namespace: object.namespace)
            let over = asked.filter { name, amount in
                (used[name] ?? KubernetesQuantity(0)) + amount > hard[name] ?? KubernetesQuantity(0)
            }
            guard !over.isEmpty else { continue }
            throw KubernetesStatus.forbidden(
                kind, object.name,
                "exceeded quota: \(quota.name), requested: \(ClusterState.words(over, over)), used: "
                    + "\(ClusterState.words(used, over)), limited: \(ClusterState.words(hard, over))")
        }
    }

    /// What of a quota is used up, in its status.
    mutating func reconcileQuotas(_ pass: ControlPass) {
        for quota in list(.resourceQuota) where !quota.isDeleting {
            let used = used(ClusterState.hard(quota), namespace: quota.namespace)
            setStatus(
                .resourceQuota, quota,
                [
                    "hard": quota["spec", "hard"] ?? [:],
                    "used": .object(used.mapValues { .string($0.text) }),
                ], now: pass.now)
        }
    }

    private func used(_ hard: QuotaUsage.Amounts, namespace: String) -> QuotaUsage.Amounts {
        var used = hard.mapValues { _ in KubernetesQuantity(0) }
        for (kind, all) in objects where kind.isNamespaced {
            for object in all.values where object.namespace == namespace {
                for (name, amount) in QuotaUsage.of(kind, object) where used[name] != nil {
                    used[name] = (used[name] ?? amount) + amount
                }
            }
        }
        return used
    }

    private static func hard(_ quota: KubernetesObject) -> QuotaUsage.Amounts {
        (quota["spec", "hard"]?.objectValue ?? [:]).compactMapValues { KubernetesQuantity($0) }
    }

    private static func words(_ amounts: QuotaUsage.Amounts, _ over: QuotaUsage.Amounts) -> String {
        over.keys.sorted().map { "\($0)=\((amounts[$0] ?? KubernetesQuantity(0)).text)" }.joined(separator: ",")
    }
}
