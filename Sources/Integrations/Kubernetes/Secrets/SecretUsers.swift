import Domain

/// The workloads of a namespace whose pods read a Secret when they start.
enum SecretUsers {
    static func all(
        of secret: String, in namespace: String, _ client: KubernetesClient
    ) async throws -> [(type: ResourceType, workload: ClusterObject)] {
        var found: [(ResourceType, ClusterObject)] = []
        for type in [ResourceType.deployments, .statefulSets, .daemonSets] {
            for workload in try await client.list(type, namespace: namespace).objects {
                let uses = SecretUse.all(in: workload["spec", "template", "spec"])
                if uses.contains(where: { $0.secret == secret }) { found.append((type, workload)) }
            }
        }
        return found
    }
}
