import Domain

/// Applies all manifests of a folder by server-side apply, as the field manager `defimon`.
struct ApplyAction: RepeatableAction, Plannable {
    /// Where folders of manifests stand, and what manifests see as `env`.
    struct Places: Sendable {
        var root: String
        /// The folder with one folder for each tree of a repository; nil when no tree is kept.
        var trees: String?
        var environment: [String: String]
    }

    private let target: ClusterTarget
    private let source: ManifestSource
    private let force: Bool
    private let rule: PruneRule?
    private let setNamespace: String?
    private let isKept: Bool

    static func type(_ clusters: ClusterDirectory, _ places: Places) -> ActionType {
        ActionType(
            "kubernetes.apply", "Applies all manifests of a folder by server-side apply", effect: .changes,
            outputs: [
                .init("applied", .integer(nil), "How many objects were applied"),
                .init("changed", .integer(nil), "How many of them were made or changed"),
                .init("deleted", .integer(nil), "How many others were deleted, with prune"),
            ]
        ) { ApplyAction(&$0, clusters, places) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory, _ places: Places) {
        target = ClusterTarget(&input, clusters)
        source = ManifestSource(&input, places)
        force = input.flag("force", "Take over objects and fields that others manage")
        rule = PruneRule(&input, hasParts: !source.only.isEmpty)
        setNamespace = ApplyAction.setNamespace(&input)
        isKept = input.flag(
            "keep",
            "Keep the manifests in the ledger, so that kubernetes.proven can call them good, and "
                + "kubernetes.rollback go back to them")
        if isKept, !source.only.isEmpty {
            input.report(
                "'keep' and 'only' do not go together: a rollback would take the rest for new", field: "keep",
                fix: "apply the whole folder, or leave out 'keep'")
        }
    }

    /// Where the set of a folder has its parent.
    static func setNamespace(_ input: inout InputReader) -> String? {
        input.optionalText(
            "set_namespace",
            "Namespace of the ConfigMap that keeps record of what the folder holds; when left out, the only one that its "
                + "objects name",
            pattern: NamePattern.label)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let settled = try await SettledManifests.of(try source.manifests(), target, context)
        var plan = try await run(settled.manifests).plan(settled.manifests, context)
        plan.notes += settled.notes
        return plan
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let manifests = try source.manifests()
        let settled = try await SettledManifests.of(manifests, target, context)
        let run = try run(settled.manifests)
        let problem = isKept ? await history.record(manifests, context) : nil
        let output = settled.told(in: try await run.perform(settled.manifests, context))
        guard let problem, case .object(var members) = output else { return output }
        members["summary"] = .string("\(members["summary"]?.plainText ?? ""); not kept for a rollback: \(problem)")
        return .object(members)
    }

    private var history: ManifestHistory {
        ManifestHistory(folder: source.folder, tree: source.tree, namespace: source.namespace, target)
    }

    private func run(_ manifests: [Manifest]) throws(ActionError) -> ApplyRun {
        var run = ApplyRun(
            target: target, client: try target.client(), force: force, namespace: source.namespace,
            isFromTree: source.tree != nil)
        guard let rule else { return run }
        guard let set = source.set(of: manifests, namespace: setNamespace) else {
            throw ActionError(
                "the objects of \(source.folder) name no namespace, or several, so the record for 'prune' has no place",
                hint: "say with 'set_namespace' where it is kept")
        }
        run.pruning = .init(rule: rule, keeper: SetKeeper(set: set, target: target))
        return run
    }
}
