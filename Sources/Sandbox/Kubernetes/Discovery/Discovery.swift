import Domain

/// Which groups and kinds there are: `/api`, `/apis`, `/version`, OpenAPI as far as kubectl asks.
enum Discovery {
    /// Throws 404 for what is not there.
    static func answer(_ request: KubernetesRequest, _ kinds: ServedKinds) throws -> KubernetesAnswer {
        let parts = request.path.split(separator: "/").map(String.init)
        let isKnown: Bool
        let value: JSONValue?
        switch (parts.first, parts.count) {
        case ("version", 1): value = version
        case ("api", 1): return isAggregated(request) ? aggregated([""], kinds) : .json(200, coreVersions)
        case ("apis", 1):
            return isAggregated(request)
                ? aggregated(names(kinds), kinds) : .json(200, groups(kinds))
        case ("api", 2): value = resources("", parts[1], kinds)
        case ("apis", 2): value = group(parts[1], kinds)
        case ("apis", 3): value = resources(parts[1], parts[2], kinds)
        case ("openapi", _) where parts.count > 1 && parts[1] == "v3": value = OpenAPIDocument.answer(parts, kinds)
        case ("livez", _), ("readyz", _), ("healthz", _): return .text("ok")
        default: value = nil
        }
        isKnown = value != nil
        guard isKnown, let value else { throw KubernetesStatus.noSuchPath }
        guard request.method == "GET" else { throw KubernetesStatus.methodNotAllowed }
        return .json(200, value)
    }

    private static let version: JSONValue = [
        "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35", "gitVersion": "v1.36.0+sandbox",
        "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "buildDate": "2026-04-22T12:00:00Z", "goVersion": "go1.26.1", "compiler": "gc", "platform": "linux/amd64",
    ]

    private static let coreVersions: JSONValue = [
        "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [],
    ]

    /// The names of all groups but the core, each once.
    private static func names(_ kinds: ServedKinds) -> [String] {
        kinds.groups.map(\.group).reduce(into: []) { if !$1.isEmpty, !$0.contains($1) { $0.append($1) } }
    }

    private static func groups(_ kinds: ServedKinds) -> JSONValue {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(names(kinds).map { entry($0, kinds) }),
        ]
    }

    private static func group(_ name: String, _ kinds: ServedKinds) -> JSONValue? {
        guard names(kinds).contains(name), case .object(var members) = entry(name, kinds) else { return nil }
        members["kind"] = "APIGroup"
        members["apiVersion"] = "v1"
        return .object(members)
    }

    private static func entry(_ group: String, _ kinds: ServedKinds) -> JSONValue {
        let versions = kinds.groups.filter { $0.group == group }.map { found -> JSONValue in
            ["groupVersion": .string("\(group)/\(found.version)"), "version": .string(found.version)]
        }
        return ["name": .string(group), "versions": .array(versions), "preferredVersion": versions.first ?? [:]]
    }

    private static let verbs: JSONValue = [
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    ]

    private static func subresources(_ kind: ResourceKind) -> [(name: String, kind: String, verbs: JSONValue)] {
        var all: [(name: String, kind: String, verbs: JSONValue)] = []
        if kind.hasStatus { all.append(("status", kind.kind, ["get", "patch", "update"])) }
        if kind.hasScale { all.append(("scale", "Scale", ["get", "patch", "update"])) }
        if kind == .pod {
            all.append(("log", "Pod", ["get"]))
            all.append(("eviction", "Eviction", ["create"]))
        }
        return all
    }

    /// Groups of what subresources take and give, where it is not that of the resource itself.
    private static let foreignGroups = ["Scale": "autoscaling", "Eviction": "policy"]

    private static func resources(_ group: String, _ version: String, _ served: ServedKinds) -> JSONValue? {
        let kinds = served.all.filter { $0.group == group && $0.version == version }
        guard let first = kinds.first else { return nil }
        var resources: [JSONValue] = []
        for kind in kinds {
            resources.append([
                "name": .string(kind.plural), "singularName": .string(kind.singular),
                "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind), "verbs": verbs,
                "shortNames": .array(kind.shortNames.map { .string($0) }),
                "categories": .array(kind.categories.map { .string($0) }),
            ])
            for part in subresources(kind) {
                var members: [String: JSONValue] = [
                    "name": .string("\(kind.plural)/\(part.name)"), "singularName": "",
                    "namespaced": .bool(kind.isNamespaced), "kind": .string(part.kind), "verbs": part.verbs,
                ]
                if let group = foreignGroups[part.kind] {
                    members["group"] = .string(group)
                    members["version"] = "v1"
                }
                resources.append(.object(members))
            }
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(first.apiVersion),
            "resources": .array(resources),
        ]
    }

    private static func isAggregated(_ request: KubernetesRequest) -> Bool {
        (request.headers["accept"] ?? "").split(separator: ",").contains {
            $0.contains("g=apidiscovery.k8s.io") && $0.contains("v=v2") && !$0.contains("v=v2beta1")
        }
    }

    private static func aggregated(_ groups: [String], _ served: ServedKinds) -> KubernetesAnswer {
        let items = groups.map { group -> JSONValue in
            let kinds = served.all.filter { $0.group == group }
            let versions = served.groups.filter { $0.group == group }.map { found -> JSONValue in
                [
                    "version": .string(found.version), "freshness": "Current",
                    "resources": .array(kinds.filter { $0.version == found.version }.map(aggregated)),
                ]
            }
            var metadata: [String: JSONValue] = ["creationTimestamp": .null]
            if !group.isEmpty { metadata["name"] = .string(group) }
            return [
                "metadata": .object(metadata),
                "versions": .array(versions),
            ]
        }
        return .json(
            200,
            [
                "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
                "items": .array(items),
            ], contentType: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
    }

    private static func aggregated(_ kind: ResourceKind) -> JSONValue {
        func responseKind(_ group: String, _ version: String, _ name: String) -> JSONValue {
            ["group": .string(group), "version": .string(version), "kind": .string(name)]
        }
        return [
            "resource": .string(kind.plural), "singularResource": .string(kind.singular),
            "responseKind": responseKind(kind.group, kind.version, kind.kind),
            "scope": .string(kind.isNamespaced ? "Namespaced" : "Cluster"), "verbs": verbs,
            "shortNames": .array(kind.shortNames.map { .string($0) }),
            "categories": .array(kind.categories.map { .string($0) }),
            "subresources": .array(
                subresources(kind).map { part in
                    [
                        "subresource": .string(part.name), "verbs": part.verbs,
                        "responseKind": foreignGroups[part.kind].map { responseKind($0, "v1", part.kind) }
                            ?? responseKind(kind.group, kind.version, part.kind),
                    ]
                }),
        ]
    }
}
