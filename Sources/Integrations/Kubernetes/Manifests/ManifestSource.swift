import Domain
import Foundation

/// Where the manifests of a step come from, as its inputs say: a folder of the bot's or of a repository's tree, with the
/// values that are filled in.
struct ManifestSource: Sendable {
    let folder: String
    /// Empty: the whole folder.
    let only: [String]
    let tree: String?
    /// Where all objects go; nil: where they say.
    let namespace: String?
    private let settings: String?
    private let variables: [String: String]
    private let places: ApplyAction.Places

    init(_ input: inout InputReader, _ places: ApplyAction.Places) {
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
        self.places = places
    }

    /// The manifests as they are applied: read, filled in, moved and in order. Throws one error with all problems.
    func manifests() throws(ActionError) -> [Manifest] {
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

    /// The set that the folder's objects are; nil when nobody says where its parent is.
    func set(of manifests: [Manifest], namespace given: String?) -> ApplySet? {
        guard let home = namespace ?? given ?? ApplySet.home(of: manifests) else { return nil }
        return ApplySet(folder: folder, tree: tree, namespace: home)
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
