import Domain

/// Applies the manifests again that were last proven good, ConfigMaps and Secrets with them, and deletes what only the
/// manifests of after that have brought. Namespaces, volumes and definitions of kinds are never deleted.
struct RollbackAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let history: ManifestHistory
    private let except: [String]
    private let isOwnOnly: Bool

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.rollback", "Applies a folder's manifests again as they were when they were last proven good",
            effect: .changes,
            outputs: [
                .init("applied", .integer(nil), "How many objects were applied"),
                .init("changed", .integer(nil), "How many of them were made or changed"),
                .init("deleted", .integer(nil), "How many others were deleted"),
            ]
        ) { RollbackAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        history = ManifestHistory(&input, target)
        except = input.texts(
            "except", "Files and subfolders of the folder that stay as they are now, such as databases")
        isOwnOnly = input.flag(
            "own_only",
            "Only what this same job has applied is taken back: for on_failure, where it may not have come so far"
        )
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        guard let past = try await past(context) else { return ActionPlan(changes: []) }
        let settled = try await SettledManifests.of(past.manifests, target, context)
        var plan = try await run().plan(settled.manifests, context)
        let extras = try await extras(past)
        plan.changes += extras.map { "\($0.object.title): deleted" }
        plan.deletions += extras.count
        plan.notes += settled.notes
        return plan
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        guard let past = try await past(context) else {
            return [
                "applied": 0, "changed": 0, "deleted": 0,
                "summary": .string("this job has applied nothing of \(history.folder), so nothing is taken back"),
            ]
        }
        let extras = try await extras(past)
        let settled = try await SettledManifests.of(past.manifests, target, context)
        let output = settled.told(in: try await run().perform(settled.manifests, context))
        let deleted: [String]
        do {
            deleted = try await SetKeeper.delete(extras, target, context.progress)
        } catch var error as ActionError {
            error.mayHaveTakenEffect = true
            throw error
        }
        guard case .object(var members) = output else { return output }
        members["deleted"] = .int(Int64(deleted.count))
        let gone = deleted.isEmpty ? "" : ", \(deleted.count) deleted"
        let left = except.isEmpty ? "" : "; left as they are: \(except.joined(separator: ", "))"
        members["summary"] = .string(
            "back to what was proven good, \(past.origin): \(members["summary"]?.plainText ?? "")\(gone)\(left)")
        members["details"] = .string(
            ([members["details"]?.plainText ?? ""] + deleted).filter { !$0.isEmpty }.joined(separator: "\n"))
        return .object(members)
    }

    private func run() throws(ActionError) -> ApplyRun {
        ApplyRun(target: target, client: try target.client(), force: false, namespace: nil)
    }

    // MARK: What to go back to

    private struct Past {
        /// Without those that stay as they are.
        var manifests: [Manifest]
        var origin: String
        /// What was applied last and is not among those that were proven good.
        var newer: [Manifest]
    }

    /// Nil when nothing is to be taken back. Throws when nothing was ever proven good.
    private func past(_ context: ActionContext) async throws -> Past? {
        let applied = try await history.applied(context)
        if isOwnOnly, applied?.jobID != context.jobID { return nil }
        guard let proven = try await history.proven(context) else {
            throw ActionError(
                "no manifests of \(history.folder) have been proven good in cluster \(target.cluster) yet",
                hint: "correct the manifests and deploy; the first deploy that succeeds is what later ones go back to")
        }
        let known = Set(proven.manifests.map(RollbackAction.key))
        let newer = (applied?.manifests ?? []).filter { !known.contains(RollbackAction.key($0)) }
        return Past(
            manifests: proven.manifests.filter { !stays($0) }, origin: proven.origin,
            newer: newer.filter { !stays($0) })
    }

    private static func key(_ manifest: Manifest) -> [String] {
        let object = manifest.object
        let group = ResourceType(object.apiVersion, object.kind, "").group
        return [group, object.kind, object.namespace ?? "", object.name]
    }

    private func stays(_ manifest: Manifest) -> Bool {
        except.contains { part in
            let path = "\(history.folder)/\(part)"
            return manifest.file == path || manifest.file.hasPrefix(path + "/")
        }
    }

    /// What only the newer manifests have brought, and is there.
    private func extras(_ past: Past) async throws -> [SetKeeper.Extra] {
        let kept = Set(PruneRule.Kept.allCases.map(\.rawValue))
        let wanted = past.newer.filter { !kept.contains($0.kind) }
        guard !wanted.isEmpty else { return [] }
        var extras: [SetKeeper.Extra] = []
        for manifest in wanted {
            let object = manifest.object
            guard let type = try await FolderSurvey.type(object.apiVersion, object.kind, target) else { continue }
            let found = try await target.attempt("\(object.title) cannot be looked up") {
                try await $0.find(type, namespace: type.isNamespaced ? object.namespace : nil, name: object.name)
            }
            if let found, found.isAppliedByBot, !found.isBeingDeleted {
                extras.append(.init(object: found, type: type))
            }
        }
        return extras
    }
}
