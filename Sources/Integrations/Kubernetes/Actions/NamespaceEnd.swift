import Domain

/// Waits until a namespace, and everything in it, is gone.
struct NamespaceEnd: Sendable {
    var client: KubernetesClient
    var name: String
    /// Another namespace of the same name, made since, is not waited for.
    var uid: String?
    var time: any TimeSource

    /// False when it is still there after `limit`; nil waits for ever. Throws `KubernetesError`.
    func wait(within limit: Duration?, progress: @escaping @Sendable (String) -> Void) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { try await gone(progress) }
            if let limit {
                group.addTask {
                    try await time.sleep(for: limit)
                    return false
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func gone(_ progress: @Sendable (String) -> Void) async throws -> Bool {
        let feed = ObjectFeed(
            client: client, type: .namespaces, namespace: nil, labels: nil, fields: "metadata.name=\(name)", time: time)
        return try await feed.until { change in
            switch change {
            case .all(let objects):
                guard let found = objects.first(where: { $0.name == name }), found.uid == uid else { return true }
                NamespaceEnd.words(found).map(progress)
            case .changed(let object) where object.name == name:
                if object.uid != uid { return true }
                NamespaceEnd.words(object).map(progress)
            case .removed(let object) where object.name == name: return true
            case .changed, .removed: break
            }
            return nil
        }
    }

    /// What still holds it, in the server's words; nil when it does not say.
    func remaining() async -> String? {
        // Only an addition to an error that is thrown anyway.
        guard let found = try? await client.find(.namespaces, name: name) else { return nil }
        return NamespaceEnd.words(found)
    }

    /// What holds a namespace that is being deleted; nil when the server does not say.
    static func words(_ namespace: ClusterObject) -> String? {
        let held = ["NamespaceContentRemaining", "NamespaceFinalizersRemaining", "NamespaceDeletionContentFailure"]
            .compactMap { namespace.condition($0) }.filter(\.isTrue).map(\.message)
        return held.isEmpty ? nil : held.joined(separator: "; ")
    }
}
