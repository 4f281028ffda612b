import Domain

/// Compares manifests with a cluster, or makes the cluster like them, object by object.
struct ApplyRun: Sendable {
    var target: ClusterTarget
    var client: KubernetesClient
    var force: Bool
    /// Where all objects must go, if they must go into one namespace.
    var namespace: String?
    /// Whether the manifests come from a repository's tree, whose author must not change what guards a preview.
    var isFromTree = false

    // MARK: Plan

    /// What `perform` would change, by the server's own dry run.
    func plan(_ manifests: [Manifest], _ context: ActionContext) async throws -> ActionPlan {
        try await refuseClusterWide(manifests)
        var plan = ActionPlan(changes: [])
        var missing: Set<String> = []
        for (index, manifest) in manifests.enumerated() {
            context.progress("looks at \(index + 1) of \(manifests.count) objects")
            let object = manifest.object
            let digest = ApplyRun.digest(object)
            guard let type = try await known(manifest, among: manifests) else {
                plan.knownLater.append("\(object.title): when its kind is defined (content \(digest))")
                continue
            }
            if let namespace = object.namespace, type.isNamespaced {
                if !missing.contains(namespace), try await isMissing(namespace) { missing.insert(namespace) }
                if missing.contains(namespace) {
                    plan.knownLater.append("\(object.title): when namespace \(namespace) is there (content \(digest))")
                    continue
                }
            }
            plan.changes += try await changes(manifest, type, digest)
        }
        return plan
    }

    private func changes(_ manifest: Manifest, _ type: ResourceType, _ digest: String) async throws -> [String] {
        let object = manifest.object
        let live = try await live(manifest, type)
        let planned = try await applied(manifest, type, isDryRun: true)
        guard let live else {
            let images = object.images.isEmpty ? "" : " with \(object.images.joined(separator: ", "))"
            return ["\(object.title): new\(images) (content \(digest))"]
        }
        let lines = FieldDifference.lines(from: live, to: planned)
        return lines.map { "\(object.title): \($0)" }
    }

    private func isMissing(_ namespace: String) async throws -> Bool {
        try await target.attempt("namespace \(namespace) cannot be looked up") {
            try await $0.find(.namespaces, name: namespace) == nil
        }
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

    // MARK: Perform

    /// Applies all, in order; the first failure ends it and says how far it came.
    func perform(_ manifests: [Manifest], _ context: ActionContext) async throws -> JSONValue {
        try await refuseClusterWide(manifests)
        var lines: [String] = []
        var changed = 0
        for (index, manifest) in manifests.enumerated() {
            context.progress("\(index) of \(manifests.count) objects")
            do {
                let outcome = try await apply(manifest)
                if outcome != .unchanged { changed += 1 }
                lines.append("\(manifest.object.title): \(outcome.rawValue)")
            } catch var error as ActionError {
                error.mayHaveTakenEffect = error.mayHaveTakenEffect || changed > 0
                let done = "\(index) of \(manifests.count) objects were applied before, \(changed) of them changed"
                error.details = [error.details, done].compactMap { $0 }.joined(separator: "\n")
                throw error
            }
        }
        let objects = manifests.count == 1 ? "1 object" : "\(manifests.count) objects"
        return [
            "applied": .int(Int64(manifests.count)), "changed": .int(Int64(changed)),
            "summary": .string("\(objects), \(changed) changed"), "details": .string(lines.joined(separator: "\n")),
        ]
    }

    private enum Outcome: String {
        case made, changed, unchanged
    }

    private func apply(_ manifest: Manifest) async throws -> Outcome {
        guard let type = try await known(manifest, among: []) else { throw unknownKind(manifest) }
        let live = try await live(manifest, type)
        let result = try await applied(manifest, type, isDryRun: false)
        guard let live else { return .made }
        return live.resourceVersion == result.resourceVersion ? .unchanged : .changed
    }

    // MARK: Both

    /// Throws, before anything is changed, when something of the manifests belongs to no namespace and one is asked for.
    private func refuseClusterWide(_ manifests: [Manifest]) async throws {
        guard let namespace else { return }
        var problems: [String] = []
        for manifest in manifests {
            let object = manifest.object
            guard let type = try await type(of: object), !type.isNamespaced else { continue }
            problems.append("\(manifest.file): \(object.kind) \(object.name) is cluster-wide")
        }
        guard let first = problems.first else { return }
        let more = problems.count > 1 ? ", and \(problems.count - 1) more like it" : ""
        throw ActionError(
            "\(first)\(more), so it cannot go into namespace \(namespace)",
            hint: "name what is to be applied with 'only', or keep cluster-wide objects in another folder",
            details: problems.prefix(100).joined(separator: "\n"))
    }

    /// The object as it is; nil when it is not there. Throws when it is not ours to change.
    private func live(_ manifest: Manifest, _ type: ResourceType) async throws -> ClusterObject? {
        let object = manifest.object
        let found = try await target.attempt("\(object.title) cannot be looked up") {
            try await $0.find(type, namespace: type.isNamespaced ? object.namespace : nil, name: object.name)
        }
        if let found, isFromTree, found.labels[ManagedLabel.guardName] != nil {
            throw ActionError(
                "\(object.title) guards this namespace, and manifests of a repository's tree may not change it",
                hint: "give the object of \(manifest.file) another name, or leave it out")
        }
        guard let found, !found.isManaged, !force else { return found }
        throw ActionError(
            "\(object.title) is in cluster \(target.cluster) already and was not made by the bot, so it is not changed",
            hint: "hand it over with: kubectl label \(type.plural) \(object.name)"
                + (object.namespace.map { " -n \($0)" } ?? "") + " \(ManagedLabel.name)=\(ManagedLabel.value); or give "
                + "'force: true'")
    }

    private func applied(_ manifest: Manifest, _ type: ResourceType, isDryRun: Bool) async throws -> ClusterObject {
        let object = manifest.object
        do {
            return try await client.applyOverOwn(
                type, namespace: type.isNamespaced ? object.namespace : nil, name: object.name, object.json,
                force: force, isDryRun: isDryRun)
        } catch var error as KubernetesError {
            if object.kind == "Secret", [400, 422].contains(error.status) {
                error.message = "the cluster calls it invalid (\(error.reason))"  // its words may quote a value
                error.causes = []
            }
            throw error.actionError(
                "\(object.title) of \(manifest.file) cannot be applied", cluster: target.cluster, changes: !isDryRun)
        }
    }

    /// Nil when the server does not know the kind but one of `manifests` will define it.
    private func known(_ manifest: Manifest, among manifests: [Manifest]) async throws -> ResourceType? {
        let object = manifest.object
        guard let type = try await type(of: object) else {
            let isDefined = manifests.contains {
                $0.kind == "CustomResourceDefinition"
                    && $0.object.text("spec", "names", "kind") == object.kind
            }
            if isDefined { return nil }
            throw unknownKind(manifest)
        }
        if type.isNamespaced, object.namespace == nil {
            throw ActionError(
                "\(manifest.file): \(object.title) has no namespace", hint: "give it metadata.namespace")
        }
        return type
    }

    private func type(of object: ClusterObject) async throws -> ResourceType? {
        try await target.attempt("the kinds of \(object.apiVersion) cannot be looked up") {
            try await $0.discovery.type(apiVersion: object.apiVersion, kind: object.kind, client: $0)
        }
    }

    private func unknownKind(_ manifest: Manifest) -> ActionError {
        ActionError(
            "\(manifest.file): cluster \(target.cluster) does not know \(manifest.object.kind) of "
                + manifest.object.apiVersion,
            hint: "check apiVersion and kind, or install its CustomResourceDefinition")
    }
}
