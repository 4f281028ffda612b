import Domain

/// What a CustomResourceDefinition must be (apiextensions.k8s.io/v1), as far as its kind is served here.
enum DefinitionValidation {
    static func problems(_ definition: KubernetesObject) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        for path in [["spec", "group"], ["spec", "names", "kind"], ["spec", "names", "plural"], ["spec", "scope"]]
        where definition.at(path)?.stringValue?.isEmpty ?? true {
            problems.append(.required(path.joined(separator: ".")))
        }
        guard problems.isEmpty else { return problems }
        let plural = definition["spec", "names", "plural"]?.plainText ?? ""
        let group = definition["spec", "group"]?.plainText ?? ""
        if definition.name != "\(plural).\(group)" {
            problems.append(
                .invalid(
                    "metadata.name", .string(definition.name), "must be spec.names.plural+\".\"+spec.group"))
        }
        if let scope = definition["spec", "scope"], !["Namespaced", "Cluster"].contains(scope) {
            problems.append(.notSupported("spec.scope", scope, ["Cluster", "Namespaced"]))
        }
        let versions = definition["spec", "versions"]?.arrayValue ?? []
        if versions.count(where: { $0["storage"] == true }) != 1 {
            problems.append(
                .invalid("spec.versions", .array(versions), "must have exactly one version marked as storage version"))
        }
        for (index, version) in versions.enumerated() where version["schema"]?["openAPIV3Schema"] == nil {
            problems.append(
                .required("spec.versions[\(index)].schema.openAPIV3Schema", "schemas are required"))
        }
        return problems
    }

    static func immutable(_ live: KubernetesObject, _ new: KubernetesObject) -> [FieldProblem] {
        [["spec", "group"], ["spec", "names", "kind"], ["spec", "names", "plural"], ["spec", "scope"]]
            .filter { new.at($0) != live.at($0) }
            .map { .invalid($0.joined(separator: "."), new.at($0) ?? .null, "field is immutable") }
    }

    /// Throws 501 for what this stand-in does not do: conversion between versions.
    static func refuseUnserved(_ definition: KubernetesObject) throws {
        let served = (definition["spec", "versions"]?.arrayValue ?? []).count { $0["served"] == true }
        guard served > 1 || definition["spec", "conversion", "strategy"] == "Webhook" else { return }
        throw KubernetesStatus(
            code: 501, reason: "NotImplemented",
            message: "this stand-in does not convert between versions of a custom kind: serve one of them")
    }
}
