import Domain

extension ResourceType {
    static let nodes = ResourceType("v1", "Node", "nodes", isNamespaced: false)
}

/// What became of one attempt to move a pod away.
enum Eviction: Sendable, Hashable {
    /// The pod ends, or is gone.
    case begun
    /// A disruption budget has no room now; its words, and when the server wants to be asked again.
    case refused(String, retryAfter: Duration?)
    /// The server cannot now.
    case busy(String, retryAfter: Duration?)
    /// The server never will, in its words.
    case never(String)
}

extension KubernetesClient {
    /// Evicts that very pod (policy/v1, kubernetes.io/docs/concepts/scheduling-eviction/api-eviction). Throws
    /// `KubernetesError` for what does not pass by itself.
    func evict(_ pod: ClusterObject) async throws -> Eviction {
        var options: [String: JSONValue] = [:]
        if let uid = pod.uid { options["preconditions"] = ["uid": .string(uid)] }
        let body: JSONValue = [
            "apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": ["name": .string(pod.name), "namespace": .string(pod.namespace ?? "")],
            "deleteOptions": .object(options),
        ]
        let path = ResourceType.pods.path(namespace: pod.namespace, name: pod.name, subresource: "eviction")
        do {
            _ = try await send("POST", path, body: body)
            return .begun
        } catch let error as KubernetesError {
            if let budget = error.causes.first(where: { $0.reason == "DisruptionBudget" }) {
                return .refused(budget.message, retryAfter: error.retryAfter)
            }
            // With several budgets the server answers 500, and would again.
            if error.message.contains("more than one PodDisruptionBudget") { return .never(error.message) }
            // Gone, replaced by another of its name, or ending with its namespace: the next look tells.
            if error.isNotFound || error.status == 409 || error.isNamespaceTerminating { return .begun }
            guard error.isTransient else { throw error }
            return .busy(error.message, retryAfter: error.retryAfter)
        }
    }
}
