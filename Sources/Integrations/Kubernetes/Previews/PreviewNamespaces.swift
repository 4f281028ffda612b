import Domain

/// Finds the namespaces of previews in one cluster. Each throws `KubernetesError`.
struct PreviewNamespaces: Sendable {
    let client: KubernetesClient

    /// All, by name; those that are being deleted are among them.
    func all() async throws -> [Preview] {
        let found = try await client.list(.namespaces, labels: PreviewMark.selector).objects
        return found.compactMap { Preview($0) }.sorted { $0.namespace < $1.namespace }
    }

    /// One that is to be changed, with its object; nil when there is no such namespace. Throws `ActionError` when it is
    /// no preview.
    func find(_ name: String) async throws -> (object: ClusterObject, preview: Preview)? {
        guard let object = try await client.find(.namespaces, name: name) else { return nil }
        guard let preview = Preview(object) else {
            throw ActionError(
                "namespace \(name) in cluster \(client.cluster) is no preview that the bot made, so it is not touched",
                hint: "preview-list shows the previews of a cluster")
        }
        return (object, preview)
    }
}
