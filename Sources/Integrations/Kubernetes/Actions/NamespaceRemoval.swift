import Domain

/// The deletion of one namespace. Each throws `KubernetesError`.
struct NamespaceRemoval: Sendable {
    let client: KubernetesClient
    let name: String

    /// `, and with it 2 Deployments, 3 Secrets`; empty when nothing that counts is in it.
    func content() async throws -> String {
        var counts: [String] = []
        for type in [ResourceType.deployments, .statefulSets, .daemonSets, .volumeClaims, .secrets] {
            let count = try await client.list(type, namespace: name).objects.count
            if count > 0 { counts.append("\(count) \(type.kind)" + (count == 1 ? "" : "s")) }
        }
        return counts.isEmpty ? "" : ", and with it " + counts.joined(separator: ", ")
    }

    /// Asks for the end of that very namespace, not of another one of its name.
    func delete(_ found: ClusterObject) async throws {
        do {
            try await client.delete(.namespaces, name: name, uid: found.uid)
        } catch let error as KubernetesError where error.isNotFound {
            return  // gone in the meantime, which is what was wanted
        } catch let error as KubernetesError where error.status == 409 {
            // Its deletion goes on already, or it is another namespace by now: the wait tells.
            return
        }
    }
}
