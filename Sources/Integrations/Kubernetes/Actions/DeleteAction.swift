import Domain

/// Deletes one object with what belongs to it, and waits until it is gone.
struct DeleteAction: RepeatableAction, Plannable {
    /// Kinds whose end takes more with it than the object itself.
    static let guarded = [
        "Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition", "Node",
    ]

    private let target: ClusterTarget
    private let apiVersion: String
    private let kind: String
    private let namespace: String?
    private let name: String
    private let allow: [String]
    private let anyway: Bool

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.delete", "Deletes one object with what belongs to it, and waits until it is gone",
            effect: .changes, outputs: [.init("deleted", .flag, "Whether it was there")]
        ) { DeleteAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        apiVersion = input.text("api_version", "Its apiVersion, such as apps/v1", default: "v1")
        kind = input.text("kind", "Its kind, such as ConfigMap")
        namespace = input.optionalText(
            "namespace", "Its namespace; left out for kinds that have none", pattern: NamePattern.label)
        name = input.text("name", "Its name", pattern: NamePattern.subdomain)
        allow = input.texts(
            "allow", "Of \(DeleteAction.guarded.joined(separator: ", ")) those that may be deleted here")
        anyway = input.flag("anyway", "Also when the bot has not made it")
        for kind in allow where !DeleteAction.guarded.contains(kind) {
            input.report(
                "'\(kind)' needs no permission", field: "allow",
                fix: "name some of \(DeleteAction.guarded.joined(separator: ", "))")
        }
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let type = try await type(client)
            guard let found = try await deletable(type, client), !found.isBeingDeleted else {
                return ActionPlan(changes: [])
            }
            return ActionPlan(changes: ["\(title): deleted, and with it what belongs to it"], deletions: 1)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let type = try await type(client)
            guard let found = try await deletable(type, client) else { return result(deleted: false) }
            if !found.isBeingDeleted { try await delete(found, type, client) }
            let feed = ObjectFeed(
                client: client, type: type, namespace: namespace, labels: nil, fields: "metadata.name=\(name)",
                time: context.time)
            _ = try await feed.until { change -> Bool? in
                let object: ClusterObject
                switch change {
                case .all(let objects):
                    guard let there = objects.first(where: { $0.name == name }) else { return true }
                    object = there
                case .changed(let changed) where changed.name == name: object = changed
                case .removed(let gone) where gone.name == name: return true
                case .changed, .removed: return nil
                }
                // Another one of its name, made since, is not waited for.
                if object.uid != found.uid { return true }
                context.progress(DeleteAction.words(object))
                return nil
            }
            return result(deleted: true)
        }
    }

    /// Asks for the end of that very object, and of what belongs to it before it.
    private func delete(_ found: ClusterObject, _ type: ResourceType, _ client: KubernetesClient) async throws {
        do {
            try await client.delete(
                type, namespace: namespace, name: name, uid: found.uid, propagation: "Foreground")
        } catch let error as KubernetesError where error.isNotFound || error.status == 409 {
            return  // gone, ending already, or another one by now: the wait tells
        }
    }

    /// What holds an object that is being deleted.
    private static func words(_ object: ClusterObject) -> String {
        let finalizers = (object["metadata", "finalizers"]?.arrayValue ?? []).compactMap(\.stringValue)
        let others = finalizers.filter { $0 != "foregroundDeletion" }
        if !others.isEmpty { return "waits for its finalizers \(others.joined(separator: ", "))" }
        return finalizers.isEmpty ? "it is ending" : "waits for what belongs to it to end"
    }

    private func type(_ client: KubernetesClient) async throws -> ResourceType {
        if DeleteAction.guarded.contains(kind), !allow.contains(kind) {
            throw ActionError(
                "\(title) is not deleted: a \(kind) takes more with it than itself",
                hint: "where that is meant, give 'allow: [\(kind)]'")
        }
        if kind == "Namespace", NamespaceDeleteAction.refused.contains(name) {
            throw ActionError("namespace \(name) belongs to Kubernetes itself and is never deleted")
        }
        guard let type = try await client.discovery.type(apiVersion: apiVersion, kind: kind, client: client) else {
            throw ActionError(
                "cluster \(target.cluster) does not know \(kind) of \(apiVersion)",
                hint: "check 'kind' and 'api_version'")
        }
        if type.isNamespaced, namespace == nil {
            throw ActionError("\(kind) \(name) has a namespace", hint: "name it with 'namespace'")
        }
        if !type.isNamespaced, namespace != nil {
            throw ActionError("\(kind) \(name) has no namespace", hint: "leave 'namespace' out")
        }
        return type
    }

    /// Nil when it is not there. Throws when it is not ours.
    private func deletable(_ type: ResourceType, _ client: KubernetesClient) async throws -> ClusterObject? {
        guard let found = try await client.find(type, namespace: namespace, name: name) else { return nil }
        guard found.isManaged || found.isApplied || anyway else {
            throw ActionError(
                "\(title) in cluster \(target.cluster) was not made by the bot, so it is not deleted",
                hint: "delete it with kubectl, hand it over with the label \(ManagedLabel.name)="
                    + "\(ManagedLabel.value), or give 'anyway: true'")
        }
        return found
    }

    private var title: String { "\(kind) " + (namespace.map { "\($0)/" } ?? "") + name }
    private var doing: String { "\(title) cannot be deleted" }

    private func result(deleted: Bool) -> JSONValue {
        [
            "deleted": .bool(deleted),
            "summary": .string("\(title) " + (deleted ? "is gone" : "is not there: nothing to do")),
        ]
    }
}

extension ClusterObject {
    /// Whether the bot has applied it; a change of a single field, such as a restart, does not count.
    fileprivate var isApplied: Bool {
        (self["metadata", "managedFields"]?.arrayValue ?? []).contains {
            $0["manager"]?.stringValue == KubernetesClient.fieldManager && $0["operation"]?.stringValue == "Apply"
        }
    }
}
