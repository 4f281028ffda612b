import Domain

/// Every kind that the server serves now: its own, and those that definitions have added.
struct ServedKinds: Sendable {
    let all: [ResourceKind]

    /// API groups with the version that is served, the core group first.
    var groups: [(group: String, version: String)] {
        var seen: [(group: String, version: String)] = []
        for kind in all where !seen.contains(where: { $0.group == kind.group && $0.version == kind.version }) {
            seen.append((kind.group, kind.version))
        }
        return seen
    }

    func find(group: String, version: String, plural: String) -> ResourceKind? {
        all.first { $0.group == group && $0.version == version && $0.plural == plural }
    }

    func find(apiVersion: String, kind: String) -> ResourceKind? {
        all.first { $0.apiVersion == apiVersion && $0.kind == kind }
    }
}

extension ResourceKind {
    /// The kind that a CustomResourceDefinition defines, in the one version that it serves.
    init?(_ definition: KubernetesObject) {
        let versions = definition["spec", "versions"]?.arrayValue ?? []
        guard let version = versions.first(where: { $0["served"] == true }), let name = version["name"]?.stringValue,
            let kind = definition["spec", "names", "kind"]?.stringValue,
            let plural = definition["spec", "names", "plural"]?.stringValue,
            let group = definition["spec", "group"]?.stringValue
        else { return nil }
        func texts(_ member: String) -> [String] {
            definition["spec", "names", member]?.arrayValue?.compactMap(\.stringValue) ?? []
        }
        self.init(
            group: group, version: name, kind: kind, plural: plural, shortNames: texts("shortNames"),
            categories: texts("categories"), isNamespaced: definition["spec", "scope"] != "Cluster",
            hasStatus: version["subresources"]?["status"] != nil, countsGeneration: true, isCustom: true)
    }
}

extension ClusterState {
    /// The kinds of definitions that are established.
    var customKinds: [ResourceKind] {
        (objects[.customResourceDefinition] ?? [:]).values.filter {
            $0.condition("Established")?["status"] == "True"
        }.sorted { $0.name < $1.name }.compactMap(ResourceKind.init)
    }

    var kinds: ServedKinds { ServedKinds(all: ResourceKind.all + customKinds) }
}
