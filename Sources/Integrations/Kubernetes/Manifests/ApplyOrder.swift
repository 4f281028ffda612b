/// The order in which kinds are applied: what others need comes first, what lets users in comes last.
enum ApplyOrder {
    private static let order: [[String]] = [
        ["Namespace"], ["CustomResourceDefinition", "PriorityClass", "StorageClass", "IngressClass"],
        ["ResourceQuota", "LimitRange"], ["NetworkPolicy"], ["ServiceAccount"], ["Secret"], ["ConfigMap"],
        ["ClusterRole", "Role"], ["ClusterRoleBinding", "RoleBinding"], ["PersistentVolume"],
        ["PersistentVolumeClaim"], ["Service"], ["StatefulSet"], ["Deployment", "DaemonSet"], ["Job", "CronJob"],
        ["HorizontalPodAutoscaler"], ["PodDisruptionBudget"],
    ]

    private static let ranks: [String: Int] = Dictionary(
        order.enumerated().flatMap { rank, kinds in kinds.map { ($0, rank) } }, uniquingKeysWith: { first, _ in first })

    /// Kinds that are not in the table come before Ingress; equal ones keep the order of their files.
    static func rank(_ kind: String) -> Int {
        kind == "Ingress" ? order.count + 1 : ranks[kind] ?? order.count
    }

    static func sorted(_ manifests: [Manifest]) -> [Manifest] {
        manifests.enumerated()
            .sorted { (rank($0.element.kind), $0.offset) < (rank($1.element.kind), $1.offset) }
            .map(\.element)
    }
}
