import Domain
import Foundation

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
    private let folder: String
    private let only: [String]
    private let tree: String?
    private let namespace: String?
    private let settings: String?
    private let variables: [String: String]
    private let force: Bool
    private let places: Places

    static func type(_ clusters: ClusterDirectory, _ places: Places) -> ActionType {
        ActionType(
            "kubernetes.apply", "Applies all manifests of a folder by server-side apply", effect: .changes,
            outputs: [
                .init("applied", .integer(nil), "How many objects were applied"),
                .init("changed", .integer(nil), "How many of them were made or changed"),
            ]
        ) { ApplyAction(&$0, clusters, places) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory, _ places: Places) {
        target = ClusterTarget(&input, clusters)
        folder = input.text(
            "folder", "Folder of the manifests, relative to the folder of defimon.yaml, or to the top of 'tree'")
        only = input.texts("only", "Files and subfolders of the folder that are applied; all when left out")
        tree = input.optionalText(
            "tree", "Id of a repository's tree, as github.tree gives it: folder and settings are taken out of it",
            pattern: NamePattern.tree)
        namespace = input.optionalText(
            "namespace", "Namespace that all objects go into, instead of the one that they name",
            pattern: NamePattern.label)
        settings = input.optionalText(
            "settings",
            "File with the maps images and settings, which goes over <folder>/deployment/settings.yaml value by value")
        variables = input.textMap(
            "variables", "Values by dotted path, such as settings.replicas, that go before those of the settings files")
        force = input.flag("force", "Take over objects and fields that others manage")
        self.places = places
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let settled = try await SettledManifests.of(try manifests(), target, context)
        var plan = try await run().plan(settled.manifests, context)
        plan.notes += settled.notes
        return plan
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let settled = try await SettledManifests.of(try manifests(), target, context)
        return settled.told(in: try await run().perform(settled.manifests, context))
    }

    private func run() throws(ActionError) -> ApplyRun {
        ApplyRun(
            target: target, client: try target.client(), force: force, namespace: namespace, isFromTree: tree != nil)
    }

    private func manifests() throws(ActionError) -> [Manifest] {
        let reader = try reader()
        let files = try reader.manifests(in: folder, only: only)
        let usual = "\(folder)/\(ManifestFolder.settingsFolder)/settings.yaml"
        var settingsFiles: [ManifestFolder.File] = []
        if try reader.exists(usual) { settingsFiles.append(try reader.file(usual)) }
        if let settings, settings != usual { settingsFiles.append(try reader.file(settings)) }
        let scope = try ManifestScope(
            files: settingsFiles, environment: places.environment, variables: variables, namespace: namespace)
        return try Manifest.read(files, scope: scope, namespace: namespace)
    }

    private func reader() throws(ActionError) -> ManifestFolder {
        guard let tree else { return ManifestFolder(root: places.root) }
        guard let trees = places.trees else {
            throw ActionError("trees of repositories are not kept here, so 'tree' names nothing")
        }
        let path = URL(filePath: trees).appending(path: tree).path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw ActionError(
                "the tree \(tree) is not here, or not any more", hint: "let github.tree fetch it in the same job")
        }
        return ManifestFolder(root: path, origin: "the top of the tree \(tree)")
    }
}
