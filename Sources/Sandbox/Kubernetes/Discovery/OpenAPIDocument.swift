import Domain

/// As much OpenAPI v3 as kubectl looks at before it leaves the validation of fields to the server: that PATCH of every
/// kind knows `fieldValidation` and `dryRun`. There are no schemas.
enum OpenAPIDocument {
    /// Nil for a document that is not there.
    static func answer(_ parts: [String], _ kinds: ServedKinds) -> JSONValue? {
        if parts.count == 2 { return index(kinds) }
        let rest = parts.dropFirst(2)
        guard
            let found = kinds.groups.first(where: { path($0.group, $0.version) == rest.joined(separator: "/") })
        else { return nil }
        return document(found.group, found.version, kinds)
    }

    private static func path(_ group: String, _ version: String) -> String {
        group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
    }

    private static func index(_ kinds: ServedKinds) -> JSONValue {
        [
            "paths": .object(
                Dictionary(
                    uniqueKeysWithValues: kinds.groups.map {
                        let path = path($0.group, $0.version)
                        return (path, ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=1")])
                    }))
        ]
    }

    private static func document(_ group: String, _ version: String, _ kinds: ServedKinds) -> JSONValue {
        let parameters: JSONValue = .array(
            ["dryRun", "fieldManager", "fieldValidation", "force"].map {
                ["name": .string($0), "in": "query", "schema": ["type": "string"]]
            })
        var paths: [String: JSONValue] = [:]
        for kind in kinds.all where kind.group == group && kind.version == version {
            let scope = kind.isNamespaced ? "/namespaces/{namespace}" : ""
            paths["/\(path(group, version))\(scope)/\(kind.plural)/{name}"] = [
                "patch": [
                    "operationId": .string("patch\(kind.kind)"),
                    "parameters": parameters,
                    "responses": ["200": ["description": "OK"]],
                    "x-kubernetes-action": "patch",
                    "x-kubernetes-group-version-kind": [
                        "group": .string(kind.group), "version": .string(kind.version), "kind": .string(kind.kind),
                    ],
                ]
            ]
        }
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.0"], "paths": .object(paths),
            "components": ["schemas": [:]],
        ]
    }
}
