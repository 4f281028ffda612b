import Domain
import Outbound

/// A manifest whose kind the cluster knows.
struct PlacedManifest: Sendable {
    var manifest: Manifest
    var type: ResourceType

    var namespace: String? { type.isNamespaced ? manifest.object.namespace : nil }
    var key: LiveObjects.Key { .init(type, namespace, manifest.object.name) }
}

/// The objects of a folder as they are in the cluster, looked up with few requests: where it holds several of one kind
/// in one namespace, all of that kind there are listed at once. Secrets are always asked for by name, so that no other
/// one is read.
struct LiveObjects: Sendable {
    struct Key: Sendable, Hashable {
        var group: String
        var kind: String
        var namespace: String
        var name: String

        init(_ type: ResourceType, _ namespace: String?, _ name: String) {
            group = type.group
            kind = type.kind
            self.namespace = namespace ?? ""
            self.name = name
        }
    }

    /// From so many objects of one kind and namespace on they are listed.
    static let fewestToList = 3

    private var found: [Key: ClusterObject] = [:]
    /// Namespaces in which something was found.
    private(set) var namespaces: Set<String> = []

    subscript(_ placed: PlacedManifest) -> ClusterObject? { found[placed.key] }

    private enum Lookup: Sendable {
        case one(PlacedManifest)
        case all([PlacedManifest])
    }

    /// Looks all of them up. Throws `ActionError`, or `CancellationError`.
    static func of(_ wanted: [PlacedManifest], _ target: ClusterTarget) async throws -> LiveObjects {
        var groups: [[String]: [PlacedManifest]] = [:]
        for placed in wanted { groups[[placed.type.path(namespace: placed.namespace)], default: []].append(placed) }
        var lookups: [Lookup] = []
        for (_, group) in groups.sorted(by: { $0.key[0] < $1.key[0] }) {
            if group.count < fewestToList || group[0].type.kind == "Secret" {
                lookups += group.map(Lookup.one)
            } else {
                lookups.append(.all(group))
            }
        }
        let all = try await Parallel.values(lookups, atOnce: ApplyRun.atOnce) { try await found($0, target) }
        var live = LiveObjects()
        for (key, object) in all.joined() {
            live.found[key] = object
            if !key.namespace.isEmpty { live.namespaces.insert(key.namespace) }
        }
        return live
    }

    private static func found(_ lookup: Lookup, _ target: ClusterTarget) async throws -> [(Key, ClusterObject)] {
        switch lookup {
        case .one(let placed):
            let object = placed.manifest.object
            let found = try await target.attempt("\(object.title) cannot be looked up") {
                try await $0.find(placed.type, namespace: placed.namespace, name: object.name)
            }
            return found.map { [(placed.key, $0)] } ?? []
        case .all(let group):
            let first = group[0]
            let listed = try await target.attempt("the \(first.type.plural) cannot be listed") { client in
                do {
                    return try await client.wholeFirstPage(first.type, namespace: first.namespace)
                } catch let error as KubernetesError where error.status == 403 {
                    return nil  // whoever may not list them may still look at each
                }
            }
            guard let listed else {
                var objects: [(Key, ClusterObject)] = []
                for placed in group { objects += try await found(.one(placed), target) }
                return objects
            }
            return listed.map { (Key(first.type, first.namespace, $0.name), $0) }
        }
    }
}

extension KubernetesClient {
    /// All objects of a kind in a namespace; nil when they are more than one page. Throws `KubernetesError`.
    fileprivate func wholeFirstPage(_ type: ResourceType, namespace: String?) async throws -> [ClusterObject]? {
        let page = try await json(
            "GET", type.path(namespace: namespace), query: [("limit", String(KubernetesClient.pageSize))])
        guard page["metadata"]?["continue"]?.stringValue ?? "" == "" else { return nil }
        return (page["items"]?.arrayValue ?? []).map { ClusterObject($0, type: type) }
    }
}

extension ResourceType {
    /// `apps`; empty for the core group.
    var group: String {
        guard let slash = apiVersion.firstIndex(of: "/") else { return "" }
        return String(apiVersion[..<slash])
    }
}
