/// One kind of object that the stand-in serves.
struct ResourceKind: Sendable, Hashable {
    let group: String
    let version: String
    let kind: String
    let plural: String
    var shortNames: [String] = []
    var categories: [String] = []
    var isNamespaced = true
    var hasStatus = false
    var hasScale = false
    /// Whether the server counts changes of the spec in `metadata.generation`.
    var countsGeneration = false
    /// Whether a CustomResourceDefinition has added it.
    var isCustom = false

    var singular: String { kind.lowercased() }
    var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    /// As error messages name it: `deployments.apps`.
    var qualifiedPlural: String { group.isEmpty ? plural : "\(plural).\(group)" }
    /// As errors of validation name it: `Deployment.apps`.
    var qualifiedKind: String { group.isEmpty ? kind : "\(kind).\(group)" }

    static func == (left: ResourceKind, right: ResourceKind) -> Bool {
        left.plural == right.plural && left.group == right.group
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(plural)
        hasher.combine(group)
    }
}

extension ResourceKind {
    static let namespace = ResourceKind(
        group: "", version: "v1", kind: "Namespace", plural: "namespaces", shortNames: ["ns"], isNamespaced: false,
        hasStatus: true)
    static let serviceAccount = ResourceKind(
        group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", shortNames: ["sa"])
    static let secret = ResourceKind(group: "", version: "v1", kind: "Secret", plural: "secrets")
    static let configMap = ResourceKind(
        group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", shortNames: ["cm"])
    static let service = ResourceKind(
        group: "", version: "v1", kind: "Service", plural: "services", shortNames: ["svc"], categories: ["all"],
        hasStatus: true)
    static let pod = ResourceKind(
        group: "", version: "v1", kind: "Pod", plural: "pods", shortNames: ["po"], categories: ["all"],
        hasStatus: true, countsGeneration: true)
    static let persistentVolumeClaim = ResourceKind(
        group: "", version: "v1", kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims",
        shortNames: ["pvc"], hasStatus: true)
    static let event = ResourceKind(group: "", version: "v1", kind: "Event", plural: "events", shortNames: ["ev"])
    static let endpoints = ResourceKind(
        group: "", version: "v1", kind: "Endpoints", plural: "endpoints", shortNames: ["ep"])
    static let resourceQuota = ResourceKind(
        group: "", version: "v1", kind: "ResourceQuota", plural: "resourcequotas", shortNames: ["quota"],
        hasStatus: true)
    static let limitRange = ResourceKind(
        group: "", version: "v1", kind: "LimitRange", plural: "limitranges", shortNames: ["limits"])
    static let deployment = ResourceKind(
        group: "apps", version: "v1", kind: "Deployment", plural: "deployments", shortNames: ["deploy"],
        categories: ["all"], hasStatus: true, hasScale: true, countsGeneration: true)
    static let statefulSet = ResourceKind(
        group: "apps", version: "v1", kind: "StatefulSet", plural: "statefulsets", shortNames: ["sts"],
        categories: ["all"], hasStatus: true, hasScale: true, countsGeneration: true)
    static let daemonSet = ResourceKind(
        group: "apps", version: "v1", kind: "DaemonSet", plural: "daemonsets", shortNames: ["ds"],
        categories: ["all"], hasStatus: true, countsGeneration: true)
    static let replicaSet = ResourceKind(
        group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", shortNames: ["rs"],
        categories: ["all"], hasStatus: true, hasScale: true, countsGeneration: true)
    static let job = ResourceKind(
        group: "batch", version: "v1", kind: "Job", plural: "jobs", categories: ["all"], hasStatus: true,
        countsGeneration: true)
    static let cronJob = ResourceKind(
        group: "batch", version: "v1", kind: "CronJob", plural: "cronjobs", shortNames: ["cj"], categories: ["all"],
        hasStatus: true, countsGeneration: true)
    static let ingress = ResourceKind(
        group: "networking.k8s.io", version: "v1", kind: "Ingress", plural: "ingresses", shortNames: ["ing"],
        hasStatus: true, countsGeneration: true)
    static let networkPolicy = ResourceKind(
        group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy", plural: "networkpolicies",
        shortNames: ["netpol"], countsGeneration: true)
    static let horizontalPodAutoscaler = ResourceKind(
        group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers",
        shortNames: ["hpa"], categories: ["all"], hasStatus: true)
    static let podDisruptionBudget = ResourceKind(
        group: "policy", version: "v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets",
        shortNames: ["pdb"], hasStatus: true, countsGeneration: true)
    static let role = ResourceKind(group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", plural: "roles")
    static let roleBinding = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "RoleBinding", plural: "rolebindings")
    static let customResourceDefinition = ResourceKind(
        group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition",
        plural: "customresourcedefinitions", shortNames: ["crd", "crds"], categories: ["api-extensions"],
        isNamespaced: false, hasStatus: true, countsGeneration: true)
    static let clusterRole = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole", plural: "clusterroles",
        isNamespaced: false)
    static let clusterRoleBinding = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRoleBinding", plural: "clusterrolebindings",
        isNamespaced: false)
    static let lease = ResourceKind(group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases")

    static let node = ResourceKind(
        group: "", version: "v1", kind: "Node", plural: "nodes", shortNames: ["no"], isNamespaced: false,
        hasStatus: true)
    static let storageClass = ResourceKind(
        group: "storage.k8s.io", version: "v1", kind: "StorageClass", plural: "storageclasses", shortNames: ["sc"],
        isNamespaced: false)
    static let storageDriver = ResourceKind(
        group: "storage.k8s.io", version: "v1", kind: "CSIDriver", plural: "csidrivers", isNamespaced: false)
    static let ingressClass = ResourceKind(
        group: "networking.k8s.io", version: "v1", kind: "IngressClass", plural: "ingressclasses", isNamespaced: false)

    /// Every kind that is served by itself; the others of Kubernetes answer 501.
    static let all: [ResourceKind] = [
        namespace, serviceAccount, secret, configMap, service, pod, persistentVolumeClaim, event, endpoints,
        resourceQuota, limitRange, deployment, statefulSet, daemonSet, replicaSet, job, cronJob, ingress, networkPolicy,
        horizontalPodAutoscaler, podDisruptionBudget, role, roleBinding, clusterRole, clusterRoleBinding, lease,
        customResourceDefinition, node, storageClass, storageDriver, ingressClass,
    ]
}
