import Domain
import Outbound

/// Keeps the parent of a folder's set, and finds and deletes the members that the folder holds no more.
struct SetKeeper: Sendable {
    /// A member that is not in the folder.
    struct Extra: Sendable {
        var object: ClusterObject
        var type: ResourceType
    }

    /// What there is of a set.
    struct Members: Sendable {
        /// Nil when the set has no parent yet, and so no members.
        var parent: ClusterObject?
        /// How many members there are, with the extras.
        var count = 0
        /// Not in the folder, and the bot's own.
        var extras: [Extra] = []
        /// Not in the folder, and not applied by the bot: they stay.
        var foreign: [ClusterObject] = []
    }

    var set: ApplySet
    var target: ClusterTarget

    /// Looks for all members, in the kinds and namespaces that the parent names. Throws `ActionError`.
    func members(_ placed: [PlacedManifest], _ includes: (ApplySet.GroupKind) -> Bool) async throws -> Members {
        let parent = try await target.attempt("the record of the folder's objects cannot be read") {
            try await $0.find(ApplySet.parentType, namespace: set.namespace, name: set.name)
        }
        guard let parent else { return Members() }
        try refuseOther(parent)
        let known = ApplySet.contents(of: parent)
        var lists: [(type: ResourceType, namespace: String?)] = []
        for kind in known.kinds.sorted() where includes(kind) {
            let ofFolder = placed.first { ApplySet.GroupKind($0.type) == kind }?.type
            var type = ofFolder
            if type == nil { type = try await self.type(of: kind) }
            guard let type else { continue }  // a kind that is gone has no objects
            let namespaces: [String?] =
                type.isNamespaced ? known.namespaces.union([set.namespace]).sorted() : [nil]
            lists += namespaces.map { (type, $0) }
        }
        let found = try await Parallel.values(lists, atOnce: ApplyRun.atOnce) { list in
            try await target.attempt("the \(list.type.plural) of the folder cannot be listed") {
                try await $0.list(
                    list.type, namespace: list.namespace, labels: "\(ApplySet.memberLabel)=\(set.id)"
                ).objects.map { Extra(object: $0, type: list.type) }
            }
        }
        let held = Set(placed.map(\.key))
        var members = Members(parent: parent)
        for member in found.joined() where !member.object.isBeingDeleted {
            members.count += 1
            let namespace = member.type.isNamespaced ? member.object.namespace : nil
            if held.contains(.init(member.type, namespace, member.object.name)) { continue }
            if member.object.isAppliedByBot {
                members.extras.append(member)
            } else {
                members.foreign.append(member.object)
            }
        }
        return members
    }

    private func refuseOther(_ parent: ClusterObject) throws(ActionError) {
        let tooling = parent.annotations[ApplySet.toolingAnnotation]
        guard parent.isManaged, tooling?.hasPrefix("defimon/") == true, parent.labels[ApplySet.idLabel] == set.id else {
            throw ActionError(
                "\(parent.title) should tell what the folder \(set.origin) holds, and is not the bot's (tooling: "
                    + "\(tooling ?? "none"))",
                hint: "look who made it; when nobody needs it, delete it")
        }
    }

    private func type(of kind: ApplySet.GroupKind) async throws -> ResourceType? {
        try await target.attempt("the kind \(kind) cannot be looked up") {
            try await $0.discovery.type(group: kind.group, kind: kind.kind, client: $0)
        }
    }

    /// Writes the parent, unless it says so already. Gives it as it is then.
    func write(_ contents: ApplySet.Contents, over parent: ClusterObject?) async throws -> ClusterObject {
        let wanted = set.parent(contents)
        if let parent, ApplySet.contents(of: parent) == contents,
            parent.annotations[ApplySet.toolingAnnotation] == ApplySet.tooling
        {
            return parent
        }
        return try await target.attempt("the record of the folder's objects cannot be written", changes: true) {
            try await $0.apply(ApplySet.parentType, namespace: set.namespace, name: set.name, wanted.json)
        }
    }

    /// Deletes members in the reverse of the order in which they are applied; what has become another object since it
    /// was looked at stays. Gives a line for each. Throws `ActionError`.
    static func delete(
        _ extras: [Extra], _ target: ClusterTarget, _ progress: @Sendable (String) -> Void
    ) async throws -> [String] {
        var lines: [String] = []
        let ranked = Dictionary(grouping: extras) { ApplyOrder.rank($0.type.kind) }.sorted { $0.key > $1.key }
        for (_, group) in ranked {
            progress("deletes \(lines.count + 1) of \(extras.count) objects")
            lines += try await Parallel.values(group, atOnce: ApplyRun.atOnce) { try await delete($0, target) }
        }
        return lines
    }

    private static func delete(_ extra: Extra, _ target: ClusterTarget) async throws -> String {
        let title = extra.object.title
        return try await target.attempt("\(title) cannot be deleted", changes: true) { client in
            do {
                try await client.delete(
                    extra.type, namespace: extra.type.isNamespaced ? extra.object.namespace : nil,
                    name: extra.object.name, uid: extra.object.uid)
                return "\(title): deleted"
            } catch let error as KubernetesError where error.isNotFound {
                return "\(title): deleted"
            } catch let error as KubernetesError where error.status == 409 {
                return "\(title): left, it is another object by now"
            }
        }
    }
}

extension ClusterObject {
    /// Whether the bot applied it and still has it: people may take the label away to keep an object.
    var isAppliedByBot: Bool {
        let managers = self["metadata", "managedFields"]?.arrayValue ?? []
        return isManaged
            && managers.contains {
                $0["manager"]?.stringValue == KubernetesClient.fieldManager && $0["operation"]?.stringValue == "Apply"
            }
    }
}
