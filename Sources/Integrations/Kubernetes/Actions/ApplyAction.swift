import Domain

/// Applies all manifests of a folder by server-side apply, as the field manager `defimon`.
struct ApplyAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let folder: String
    private let settings: String?
    private let variables: [String: String]
    private let force: Bool
    private let root: String
    private let environment: [String: String]

    static func type(_ clusters: ClusterDirectory, root: String, environment: [String: String]) -> ActionType {
        ActionType(
            "kubernetes.apply", "Applies all manifests of a folder by server-side apply", effect: .changes,
            outputs: [
                .init("applied", .integer(nil), "How many objects were applied"),
                .init("changed", .integer(nil), "How many of them were made or changed"),
            ]
        ) { ApplyAction(&$0, clusters, root: root, environment: environment) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory, root: String, environment: [String: String]) {
        target = ClusterTarget(&input, clusters)
        folder = input.text("folder", "Folder of the manifests, relative to the folder of defimon.yaml")
        settings = input.optionalText(
            "settings", "File with the maps images and settings; <folder>/deployment/settings.yaml when left out")
        variables = input.textMap(
            "variables", "Values by dotted path, such as settings.replicas, that go before those of the settings file")
        force = input.flag("force", "Take over objects and fields that others manage")
        self.root = root
        self.environment = environment
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let manifests = try manifests()
        let run = ApplyRun(target: target, client: try target.client(), force: force)
        return try await run.plan(manifests, context)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let manifests = try manifests()
        let run = ApplyRun(target: target, client: try target.client(), force: force)
        return try await run.perform(manifests, context)
    }

    private func manifests() throws(ActionError) -> [Manifest] {
        let reader = ManifestFolder(root: root)
        let files = try reader.manifests(in: folder)
        let usual = "\(folder)/\(ManifestFolder.settingsFolder)/settings.yaml"
        let settingsFile: ManifestFolder.File?
        if let settings {
            settingsFile = try reader.file(settings)
        } else {
            settingsFile = try reader.exists(usual) ? reader.file(usual) : nil
        }
        let scope = try ManifestScope(file: settingsFile, environment: environment, variables: variables)
        return try Manifest.read(files, scope: scope)
    }
}
