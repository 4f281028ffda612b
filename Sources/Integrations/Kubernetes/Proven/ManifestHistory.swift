import Domain

/// What the ledger keeps of a folder's manifests in a cluster: those that were applied last, and those that were last
/// proven good. They are kept as the folder gave them: the sizes that people have set go over them anew each time.
struct ManifestHistory: Sendable {
    /// Manifests as they are kept, and how they came to be.
    struct Kept: Sendable {
        var manifests: [Manifest]
        var jobID: JobID
        /// `set by olivia on 2026-11-20 with job 42`.
        var origin: String
    }

    private enum Mark: String {
        case applied, proven
    }

    private let target: ClusterTarget
    private let place: String
    let folder: String

    init(_ input: inout InputReader, _ target: ClusterTarget) {
        let folder = input.text("folder", "Folder of the manifests, as kubernetes.apply has it")
        let tree = input.optionalText(
            "tree", "Id of a repository's tree, as kubernetes.apply has it; the commit makes no difference",
            pattern: NamePattern.tree)
        let namespace = input.optionalText(
            "namespace", "Namespace that all objects go into, as kubernetes.apply has it", pattern: NamePattern.label)
        self.init(folder: folder, tree: tree, namespace: namespace, target)
    }

    init(folder: String, tree: String?, namespace: String?, _ target: ClusterTarget) {
        self.target = target
        self.folder = folder
        place =
            ApplySet(folder: folder, tree: tree, namespace: namespace ?? "").name
            + (namespace.map { "/\($0)" } ?? "")
    }

    private func key(_ mark: Mark) -> String { "manifests/\(mark.rawValue)/\(target.cluster)/\(place)" }

    /// Keeps what is being applied. Gives why it could not be kept, or nil: a folder that is too large for the ledger, or
    /// that has a secret in it, can be applied all the same.
    func record(_ manifests: [Manifest], _ context: ActionContext) async -> String? {
        let value = JSONValue.array(
            manifests.map { manifest in
                [
                    "file": .string(manifest.file), "line": .int(Int64(manifest.line)),
                    "wave": .int(Int64(manifest.wave)), "object": manifest.object.json,
                ]
            })
        do {
            try await context.kept.set(key(.applied), value)
            return nil
        } catch {
            // In the place of what an earlier job has applied, so that nobody takes that for this one's. Where the ledger
            // takes not even this, the step that calls it good says so.
            try? await context.kept.set(key(.applied), [ManifestHistory.notKept: .string(error.message)])
            return error.message
        }
    }

    /// Stands for manifests that could not be kept, with the reason.
    private static let notKept = "not_kept"

    func applied(_ context: ActionContext) async throws -> Kept? { try await read(.applied, context) }
    func proven(_ context: ActionContext) async throws -> Kept? { try await read(.proven, context) }

    /// What became of calling good what a job has applied.
    enum Proof: Sendable {
        /// So many objects.
        case proven(Int)
        /// They could not be kept, for this reason: what was proven good before stays.
        case notKept(String)
    }

    /// Calls good what this job has applied. Throws when it has applied nothing.
    func prove(_ context: ActionContext) async throws -> Proof {
        let kept = try await context.kept.value(key(.applied))
        guard let kept, let value = kept.value, kept.jobID == context.jobID else {
            throw ActionError(
                "this job has kept no manifests of \(folder), so there is nothing to call good",
                hint: "give the step that applies the folder 'keep: true', and let it come before this one")
        }
        if let reason = value[ManifestHistory.notKept]?.stringValue { return .notKept(reason) }
        try await context.kept.set(key(.proven), value)
        return .proven(value.arrayValue?.count ?? 0)
    }

    private func read(_ mark: Mark, _ context: ActionContext) async throws -> Kept? {
        guard let kept = try await context.kept.value(key(mark)), let value = kept.value else { return nil }
        let manifests = (value.arrayValue ?? []).map { entry in
            Manifest(
                object: ClusterObject(entry["object"] ?? .null), file: entry["file"]?.stringValue ?? "",
                line: entry["line"]?.intValue ?? 1, wave: entry["wave"]?.intValue ?? 0)
        }
        return Kept(manifests: manifests, jobID: kept.jobID, origin: kept.origin)
    }
}
