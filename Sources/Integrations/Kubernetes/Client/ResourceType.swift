import Foundation

/// One kind of object as the API's paths name it.
package struct ResourceType: Sendable, Hashable {
    /// `v1`, `apps/v1`.
    package var apiVersion: String
    package var kind: String
    package var plural: String
    package var isNamespaced: Bool

    init(_ apiVersion: String, _ kind: String, _ plural: String, isNamespaced: Bool = true) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.plural = plural
        self.isNamespaced = isNamespaced
    }

    /// The REST path of the collection, of one object, or of something below it.
    func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
        var parts =
            apiVersion.contains("/")
            ? ["apis"] + apiVersion.split(separator: "/").map(String.init) : ["api", apiVersion]
        if isNamespaced, let namespace { parts += ["namespaces", namespace] }
        parts.append(plural)
        if let name { parts.append(name) }
        if let subresource { parts.append(subresource) }
        return "/" + parts.map(ResourceType.escaped).joined(separator: "/")
    }

    /// One segment of a path or one value of a query, percent-encoded (RFC 3986 §2.3).
    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

extension ResourceType {
    static let namespaces = ResourceType("v1", "Namespace", "namespaces", isNamespaced: false)
    static let pods = ResourceType("v1", "Pod", "pods")
    static let secrets = ResourceType("v1", "Secret", "secrets")
    static let services = ResourceType("v1", "Service", "services")
    static let events = ResourceType("v1", "Event", "events")
    static let volumeClaims = ResourceType("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
    static let deployments = ResourceType("apps/v1", "Deployment", "deployments")
    static let replicaSets = ResourceType("apps/v1", "ReplicaSet", "replicasets")
    static let statefulSets = ResourceType("apps/v1", "StatefulSet", "statefulsets")
    static let daemonSets = ResourceType("apps/v1", "DaemonSet", "daemonsets")
    static let jobs = ResourceType("batch/v1", "Job", "jobs")
    static let leases = ResourceType("coordination.k8s.io/v1", "Lease", "leases")
    static let ingresses = ResourceType("networking.k8s.io/v1", "Ingress", "ingresses")

    /// What a rollout can be waited for.
    static let workloads = [deployments, statefulSets, daemonSets, jobs]
}
