import Domain
import Outbound

/// The manifests of a folder beside what the cluster has of them, before anything is changed.
struct FolderSurvey: Sendable {
    struct Entry: Sendable {
        var manifest: Manifest
        /// Nil: the cluster does not know the kind yet, and a CustomResourceDefinition of the folder defines it.
        var type: ResourceType?
        /// Nil: it is not there.
        var live: ClusterObject?

        var object: ClusterObject { manifest.object }
        var groupKind: ApplySet.GroupKind {
            ApplySet.GroupKind(type ?? ResourceType(object.apiVersion, object.kind, ""))
        }
    }

    /// In the order in which they are applied.
    var entries: [Entry]
    /// Namespaces in which something of the folder was found.
    var namespaces: Set<String> = []

    var placed: [PlacedManifest] {
        entries.compactMap { entry in entry.type.map { PlacedManifest(manifest: entry.manifest, type: $0) } }
    }

    /// Throws `ActionError` for kinds that nobody knows, and for objects without the namespace that their kind needs.
    static func of(_ manifests: [Manifest], _ target: ClusterTarget) async throws -> FolderSurvey {
        let kinds = Dictionary(grouping: manifests, by: \.object.apiVersion).mapValues { Set($0.map(\.kind)) }
        let types = try await Parallel.values(kinds.sorted { $0.key < $1.key }, atOnce: ApplyRun.atOnce) {
            version, kinds in
            var found: [[String]: ResourceType] = [:]
            for kind in kinds.sorted() { found[[version, kind]] = try await type(version, kind, target) }
            return found
        }
        let known = types.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        var survey = FolderSurvey(entries: [])
        for manifest in manifests {
            let type = known[[manifest.object.apiVersion, manifest.kind]]
            if let type, type.isNamespaced, manifest.object.namespace == nil {
                throw ActionError(
                    "\(manifest.place): \(manifest.object.title) has no namespace", hint: "give it metadata.namespace")
            }
            if type == nil, !manifests.contains(where: { $0.defines(manifest.object) }) {
                throw unknownKind(manifest, target)
            }
            survey.entries.append(Entry(manifest: manifest, type: type))
        }
        let live = try await LiveObjects.of(survey.placed, target)
        for index in survey.entries.indices {
            guard let type = survey.entries[index].type else { continue }
            survey.entries[index].live = live[PlacedManifest(manifest: survey.entries[index].manifest, type: type)]
        }
        survey.namespaces = live.namespaces
        return survey
    }

    static func type(_ apiVersion: String, _ kind: String, _ target: ClusterTarget) async throws -> ResourceType? {
        try await target.attempt("the kinds of \(apiVersion) cannot be looked up") {
            try await $0.discovery.type(apiVersion: apiVersion, kind: kind, client: $0)
        }
    }

    static func unknownKind(_ manifest: Manifest, _ target: ClusterTarget) -> ActionError {
        ActionError(
            "\(manifest.place): cluster \(target.cluster) does not know \(manifest.object.kind) of "
                + manifest.object.apiVersion,
            hint: "check apiVersion and kind, or install its CustomResourceDefinition")
    }

    // MARK: What may not be changed

    /// Throws when something of the manifests belongs to no namespace and one is asked for.
    func refuseClusterWide(_ namespace: String) throws(ActionError) {
        let problems = entries.compactMap { entry in
            entry.type?.isNamespaced == false
                ? "\(entry.manifest.place): \(entry.object.kind) \(entry.object.name) is cluster-wide" : nil
        }
        guard let first = problems.first else { return }
        let more = problems.count > 1 ? ", and \(problems.count - 1) more like it" : ""
        throw ActionError(
            "\(first)\(more), so it cannot go into namespace \(namespace)",
            hint: "name what is to be applied with 'only', or keep cluster-wide objects in another folder",
            details: problems.prefix(100).joined(separator: "\n"))
    }
}

extension Manifest {
    /// Whether it is the CustomResourceDefinition of an object's kind.
    func defines(_ object: ClusterObject) -> Bool {
        kind == "CustomResourceDefinition" && self.object.text("spec", "names", "kind") == object.kind
            && self.object.text("spec", "group") == ResourceType(object.apiVersion, "", "").group
    }
}
