import Domain
import Outbound

/// Compares manifests with a cluster, or makes the cluster like them.
///
/// Requests: one discovery for each group version; the objects as they are, by few lists (`LiveObjects`); then one apply,
/// or one dry run, for each object.
struct ApplyRun: Sendable {
    /// Requests that are under way at the same time, which is also what the client keeps connections for.
    static let atOnce = 8

    /// The folder's set, and what of it may be deleted.
    struct Pruning: Sendable {
        var rule: PruneRule
        var keeper: SetKeeper
    }

    var target: ClusterTarget
    var client: KubernetesClient
    var force: Bool
    /// Where all objects must go, if they must go into one namespace.
    var namespace: String?
    /// Whether the manifests come from a repository's tree, whose author must not change what guards a preview.
    var isFromTree = false
    var pruning: Pruning?

    // MARK: Compare

    /// How one object of the folder stands to the cluster.
    enum Comparison: Sendable {
        case same
        case missing
        /// One line a field.
        case differs([String])
        /// It cannot be compared before something else is there.
        case later(String)
    }

    /// Compares by the server's own dry run, in the order of the manifests.
    func compare(_ survey: FolderSurvey, _ context: ActionContext) async throws -> [Comparison] {
        let missing = try await missingNamespaces(survey)
        let total = survey.entries.count
        let counter = ProgressCounter()
        return try await Parallel.values(survey.entries, atOnce: ApplyRun.atOnce) { entry in
            defer { context.progress("looked at \(counter.next()) of \(total) objects") }
            guard let type = entry.type else { return .later("when its kind is defined") }
            if type.isNamespaced, let namespace = entry.object.namespace, missing.contains(namespace) {
                return .later("when namespace \(namespace) is there")
            }
            let planned = try await applied(entry, type, isDryRun: true)
            guard let live = entry.live else { return .missing }
            let lines = FieldDifference.lines(from: live, to: planned)
            return lines.isEmpty ? .same : .differs(lines)
        }
    }

    private func missingNamespaces(_ survey: FolderSurvey) async throws -> Set<String> {
        let named = Set(survey.placed.compactMap(\.namespace)).subtracting(survey.namespaces)
        let missing = try await Parallel.values(named.sorted(), atOnce: ApplyRun.atOnce) { namespace in
            try await target.attempt("namespace \(namespace) cannot be looked up") {
                try await $0.find(.namespaces, name: namespace) == nil ? namespace : nil
            }
        }
        return Set(missing.compactMap(\.self))
    }

    /// The folder beside the cluster. Throws when it holds what may not be applied.
    func survey(_ manifests: [Manifest]) async throws -> FolderSurvey {
        let survey = try await FolderSurvey.of(manifests, target)
        if let namespace { try survey.refuseClusterWide(namespace) }
        for entry in survey.entries { try refuse(entry) }
        return survey
    }

    // MARK: Plan

    /// What `perform` would change.
    func plan(_ manifests: [Manifest], _ context: ActionContext) async throws -> ActionPlan {
        let survey = try await survey(manifests)
        var plan = ActionPlan(changes: [])
        for (entry, comparison) in zip(survey.entries, try await compare(survey, context)) {
            let object = entry.object
            switch comparison {
            case .same: break
            case .missing:
                let images = object.images.isEmpty ? "" : " with \(object.images.joined(separator: ", "))"
                plan.changes.append("\(object.title): new\(images) (content \(ApplyRun.digest(object)))")
            case .differs(let lines): plan.changes += lines.map { "\(object.title): \($0)" }
            case .later(let when):
                plan.knownLater.append("\(object.title): \(when) (content \(ApplyRun.digest(object)))")
            }
        }
        guard let pruning else { return plan }
        let members = try await pruning.keeper.members(survey.placed, pruning.rule.includes)
        plan.changes += members.extras.map { "\($0.object.title): deleted" }
        plan.deletions += members.extras.count
        if let refusal = pruning.rule.refusal(members.extras.map(\.object), of: members.count) {
            plan.knownLater.append("the step refuses: \(refusal.message)")
        }
        return plan
    }

    /// The first bytes of a digest over what is applied, so that an approval holds for this content alone. The values
    /// of a Secret are left out: they could be guessed by it.
    private static func digest(_ object: ClusterObject) -> String {
        var json = object.json
        if object.kind == "Secret", case .object(var members) = json {
            for key in ["data", "stringData"] where members[key] != nil {
                members[key] = .array((members[key]?.objectValue ?? [:]).keys.sorted().map(JSONValue.string))
            }
            json = .object(members)
        }
        return String(Hex.encode(SHA256Digest.of(json.canonicalBytes)).prefix(12))
    }

    // MARK: One object

    /// Throws when an object is not ours to change.
    func refuse(_ entry: FolderSurvey.Entry) throws(ActionError) {
        guard let live = entry.live else { return }
        let object = entry.object
        if isFromTree, live.labels[ManagedLabel.guardName] != nil {
            throw ActionError(
                "\(object.title) guards this namespace, and manifests of a repository's tree may not change it",
                hint: "give the object of \(entry.manifest.place) another name, or leave it out")
        }
        if force { return }
        guard live.isManaged else {
            throw ActionError(
                "\(object.title) is in cluster \(target.cluster) already and was not made by the bot, so it is not changed",
                hint: "hand it over with: kubectl label \(entry.type?.plural ?? object.kind) \(object.name)"
                    + (object.namespace.map { " -n \($0)" } ?? "") + " \(ManagedLabel.name)=\(ManagedLabel.value); or "
                    + "give 'force: true'")
        }
        if let pruning, let other = live.labels[ApplySet.memberLabel], other != pruning.keeper.set.id,
            pruning.rule.includes(entry.groupKind)
        {
            throw ActionError(
                "\(object.title) of \(entry.manifest.place) belongs to the objects of another folder (\(other))",
                hint: "keep it in one folder alone; or take it over with 'force: true'")
        }
    }

    /// The object with the label of the set that it is in. Where nothing is pruned, a member stays one.
    private func labelled(_ entry: FolderSurvey.Entry) -> ClusterObject {
        guard let pruning else {
            guard let id = entry.live?.labels[ApplySet.memberLabel] else { return entry.object }
            return entry.object.labelled(ApplySet.memberLabel, id)
        }
        guard pruning.rule.includes(entry.groupKind) else { return entry.object }
        return entry.object.labelled(ApplySet.memberLabel, pruning.keeper.set.id)
    }

    func applied(_ entry: FolderSurvey.Entry, _ type: ResourceType, isDryRun: Bool) async throws -> ClusterObject {
        let object = entry.object
        do {
            return try await client.applyOverOwn(
                type, namespace: type.isNamespaced ? object.namespace : nil, name: object.name, labelled(entry).json,
                force: force, isDryRun: isDryRun)
        } catch var error as KubernetesError {
            if object.kind == "Secret", [400, 422].contains(error.status) {
                error.message = "the cluster calls it invalid (\(error.reason))"  // its words may quote a value
                error.causes = []
            }
            throw error.actionError(
                "\(object.title) of \(entry.manifest.place) cannot be applied", cluster: target.cluster,
                changes: !isDryRun)
        }
    }
}
