import Domain

/// Manifests as they are applied: with the sizes that people have set in their place, without replicas where an
/// autoscaler decides, and never with less than a volume or a memory limit has grown to.
struct SettledManifests: Sendable {
    var manifests: [Manifest]
    /// A line for each size that is not the manifests'.
    var notes: [String] = []

    /// Throws `ActionError` when the ledger or the cluster cannot be asked.
    static func of(_ manifests: [Manifest], _ target: ClusterTarget, _ context: ActionContext) async throws
        -> SettledManifests
    {
        let sizes = ManifestSizes(
            target: target, kept: context.kept, autoscalers: try await Autoscalers(manifests, target, context.kept))
        var settled = SettledManifests(manifests: [])
        for manifest in manifests {
            let (object, notes) = try await sizes.settled(manifest.object)
            var manifest = manifest
            manifest.object = object
            settled.manifests.append(manifest)
            settled.notes += notes
        }
        return settled
    }

    /// The result of an apply, with the lines before its details.
    func told(in output: JSONValue) -> JSONValue {
        guard !notes.isEmpty, case .object(var members) = output else { return output }
        let count = notes.count == 1 ? "1 size is" : "\(notes.count) sizes are"
        members["summary"] = .string("\(members["summary"]?.plainText ?? ""); \(count) not the manifests'")
        members["details"] = .string((notes + [members["details"]?.plainText ?? ""]).joined(separator: "\n"))
        return .object(members)
    }
}

/// Which autoscaler decides about which workload: those of the folder, and those of the cluster where it matters.
private struct Autoscalers {
    private struct Scaled: Hashable {
        var kind: String
        var namespace: String
        var name: String
    }

    private var names: [Scaled: String] = [:]

    init(_ manifests: [Manifest], _ target: ClusterTarget, _ kept: any KeptValues) async throws {
        for manifest in manifests where manifest.kind == ResourceType.autoscalers.kind { add(manifest.object) }
        var undecided: Set<String> = []
        for object in manifests.map(\.object) where object.isScaledWorkload && self[object] == nil {
            guard let namespace = object.namespace else { continue }
            let override = SizeOverride(target.cluster, of: object, in: namespace)
            if object["spec", "replicas"] == nil, try await override.replicas(kept) == nil { continue }
            undecided.insert(namespace)
        }
        for namespace in undecided.sorted() {
            let found = try await target.attempt("the autoscalers of namespace \(namespace) cannot be listed") {
                client -> [ClusterObject] in
                do { return try await client.list(.autoscalers, namespace: namespace).objects } catch let error
                    as KubernetesError where error.isNotFound
                { return [] }
            }
            for autoscaler in found { add(autoscaler) }
        }
    }

    private mutating func add(_ autoscaler: ClusterObject) {
        guard let kind = autoscaler.text("spec", "scaleTargetRef", "kind"), let namespace = autoscaler.namespace,
            let name = autoscaler.text("spec", "scaleTargetRef", "name")
        else { return }
        names[Scaled(kind: kind, namespace: namespace, name: name)] = autoscaler.name
    }

    subscript(_ workload: ClusterObject) -> String? {
        names[Scaled(kind: workload.kind, namespace: workload.namespace ?? "", name: workload.name)]
    }
}

/// Finds the size of one object.
private struct ManifestSizes {
    var target: ClusterTarget
    var kept: any KeptValues
    var autoscalers: Autoscalers

    func settled(_ object: ClusterObject) async throws -> (ClusterObject, notes: [String]) {
        guard let namespace = object.namespace else { return (object, []) }
        if object.isScaledWorkload {
            let (sized, note) = try await workload(object, namespace)
            let memory = MemoryOverride(
                cluster: target.cluster, workload: object.kind, namespace: namespace, name: object.name)
            let (settled, notes) = try await memory.settled(sized, kept)
            return (settled, (note.map { [$0] } ?? []) + notes)
        }
        let (settled, note) =
            switch object.kind {
            case ResourceType.autoscalers.kind: try await autoscaler(object, namespace)
            case ResourceType.volumeClaims.kind where object.apiVersion == "v1": try await claim(object, namespace)
            default: (object, nil as String?)
            }
        return (settled, note.map { [$0] } ?? [])
    }

    private func workload(_ object: ClusterObject, _ namespace: String) async throws -> (ClusterObject, String?) {
        let override = SizeOverride(target.cluster, of: object, in: namespace)
        let wanted = try await override.replicas(kept)
        if let autoscaler = autoscalers[object] {
            let note = wanted.map {
                "\(object.title): \($0.count) replicas, \($0.origin), do not count: the autoscaler \(autoscaler) decides"
            }
            return (object.setting(["replicas": try await ownReplicas(object, namespace)]), note)
        }
        guard let wanted else { return (object, nil) }
        let said = object.number("spec", "replicas") ?? 1
        return (
            object.setting(["replicas": .int(Int64(wanted.count))]),
            "\(object.title): \(wanted.count) replicas, \(wanted.origin) (manifests say \(said))"
        )
    }

    /// A field that apply owns alone and sends no more is removed by the server, and one replica is left. So the number
    /// is sent as it is until the autoscaler has set it once, which makes the field the autoscaler's.
    private func ownReplicas(_ object: ClusterObject, _ namespace: String) async throws -> JSONValue? {
        let type: ResourceType = object.kind == ResourceType.deployments.kind ? .deployments : .statefulSets
        let live = try await target.attempt("\(object.title) cannot be looked up") {
            try await $0.find(type, namespace: namespace, name: object.name)
        }
        return live?.isAppliedReplicas == true ? live?["spec", "replicas"] : nil
    }

    private func autoscaler(_ object: ClusterObject, _ namespace: String) async throws -> (ClusterObject, String?) {
        guard let kind = object.text("spec", "scaleTargetRef", "kind"),
            let name = object.text("spec", "scaleTargetRef", "name"),
            let wanted = try await SizeOverride(
                cluster: target.cluster, kind: kind, namespace: namespace, name: name
            ).bounds(kept)
        else { return (object, nil) }
        let least = object.number("spec", "minReplicas") ?? 1
        let most = object.number("spec", "maxReplicas") ?? least
        return (
            object.setting(["minReplicas": .int(Int64(wanted.least)), "maxReplicas": .int(Int64(wanted.most))]),
            "\(object.title): \(wanted.least) to \(wanted.most) replicas, \(wanted.origin) "
                + "(manifests say \(least) to \(most))"
        )
    }

    /// The manifests' size of a volume is the least that it has: one that has grown stays as it is.
    private func claim(_ object: ClusterObject, _ namespace: String) async throws -> (ClusterObject, String?) {
        guard let said = object["spec", "resources", "requests", "storage"], let least = ResourceAmount.parse(said)
        else { return (object, nil) }
        let live = try await target.attempt("\(object.title) cannot be looked up") {
            try await $0.find(.volumeClaims, namespace: namespace, name: object.name)
        }
        guard let grown = live?["spec", "resources", "requests", "storage"], let size = ResourceAmount.parse(grown),
            size > least
        else { return (object, nil) }
        var resources = object["spec", "resources"]?.objectValue ?? [:]
        var requests = resources["requests"]?.objectValue ?? [:]
        requests["storage"] = grown
        resources["requests"] = .object(requests)
        return (
            object.setting(["resources": .object(resources)]),
            "\(object.title): \(grown.plainText), to which it has grown (manifests say \(said.plainText))"
        )
    }
}

extension SizeOverride {
    fileprivate init(_ cluster: String, of workload: ClusterObject, in namespace: String) {
        self.init(cluster: cluster, kind: workload.kind, namespace: namespace, name: workload.name)
    }
}

extension ClusterObject {
    fileprivate var isScaledWorkload: Bool {
        apiVersion == ResourceType.deployments.apiVersion
            && [ResourceType.deployments.kind, ResourceType.statefulSets.kind].contains(kind)
    }

    /// Whether the bot owns `spec.replicas` by server-side apply.
    fileprivate var isAppliedReplicas: Bool {
        (self["metadata", "managedFields"]?.arrayValue ?? []).contains {
            $0["manager"]?.stringValue == KubernetesClient.fieldManager && $0["operation"]?.stringValue == "Apply"
                && $0["fieldsV1"]?["f:spec"]?["f:replicas"] != nil
        }
    }

    /// The object with other members of its `spec`; null values take a member away.
    fileprivate func setting(_ changes: [String: JSONValue?]) -> ClusterObject {
        guard case .object(var members) = json else { return self }
        var spec = members["spec"]?.objectValue ?? [:]
        for (name, value) in changes { spec[name] = value }
        members["spec"] = .object(spec)
        return ClusterObject(.object(members))
    }
}
