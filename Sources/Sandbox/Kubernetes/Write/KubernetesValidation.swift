import Domain
import Foundation

/// The rules of validity that an operator meets; not all that the real server knows.
enum KubernetesValidation {
    static func problems(_ kind: ResourceKind, _ object: KubernetesObject) -> [FieldProblem] {
        var problems = name(kind, object)
        problems += labels(object)
        problems += spec(kind, object)
        if let template = KubernetesObject.podTemplate(kind, object) {
            problems += PodValidation(kind: kind, object: object, template: template).problems()
        }
        return problems
    }

    /// What may not change.
    static func problems(_ kind: ResourceKind, changing live: KubernetesObject, to new: KubernetesObject)
        -> [FieldProblem]
    {
        func immutable(_ path: String...) -> [FieldProblem] {
            guard new.at(path) != live.at(path) else { return [] }
            return [.invalid(path.joined(separator: "."), new.at(path) ?? .null, "field is immutable")]
        }
        switch kind {
        case .deployment, .daemonSet, .replicaSet: return immutable("spec", "selector")
        case .job: return immutable("spec", "selector") + immutable("spec", "template")
        case .statefulSet:
            let changeable: Set<String> = [
                "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
                "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
            ]
            let names = Set(live["spec"]?.objectValue?.keys.map { $0 } ?? [])
                .union(new["spec"]?.objectValue?.keys.map { $0 } ?? []).subtracting(changeable)
            guard names.contains(where: { new["spec", $0] != live["spec", $0] }) else { return [] }
            return [
                .forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                        + "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                        + "'minReadySeconds' are forbidden")
            ]
        case .customResourceDefinition: return DefinitionValidation.immutable(live, new)
        case .roleBinding, .clusterRoleBinding:
            return immutable("roleRef").map {
                FieldProblem.invalid($0.field, new["roleRef"] ?? .null, "cannot change roleRef")
            }
        case .secret:
            if live["immutable"] == true, new["data"] != live["data"] {
                return [.forbidden("data", "field is immutable when `immutable` is set")]
            }
            return immutable("type")
        case .configMap where live["immutable"] == true && new["data"] != live["data"]:
            return [.forbidden("data", "field is immutable when `immutable` is set")]
        case .storageClass:
            return ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"].filter { new[$0] != live[$0] }
                .map {
                    .forbidden($0, "updates to \($0) are forbidden.")
                }
        case .persistentVolumeClaim:
            return ["accessModes", "storageClassName", "volumeMode"].flatMap { immutable("spec", $0) }
        case .service where new["spec", "type"] == live["spec", "type"]:
            return immutable("spec", "clusterIP")
        default: return []
        }
    }

    private static func name(_ kind: ResourceKind, _ object: KubernetesObject) -> [FieldProblem] {
        guard !object.name.isEmpty else {
            return [.required("metadata.name", "name or generateName is required")]
        }
        let isLabel = kind == .namespace || kind == .service
        let isPath = kind.group == ResourceKind.role.group
        if isPath { return [] }
        let parts =
            isLabel ? [Substring(object.name)] : object.name.split(separator: ".", omittingEmptySubsequences: false)
        let isValid = object.name.count <= (isLabel ? 63 : 253) && parts.allSatisfy(isDNSLabel)
        guard !isValid else { return [] }
        let rule =
            isLabel
            ? "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
                + "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        return [.invalid("metadata.name", .string(object.name), rule)]
    }

    static func isDNSLabel(_ text: some StringProtocol) -> Bool {
        let isPlain = text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        return isPlain && !text.isEmpty && !text.hasPrefix("-") && !text.hasSuffix("-")
    }

    private static func labels(_ object: KubernetesObject) -> [FieldProblem] {
        object.labels.sorted { $0.key < $1.key }.compactMap { _, value in
            let isValid =
                value.count <= 63
                && value.unicodeScalars.allSatisfy {
                    $0.isASCII && (CharacterSet.alphanumerics.contains($0) || "-_.".unicodeScalars.contains($0))
                }
                && !"-_.".contains(value.first ?? "a") && !"-_.".contains(value.last ?? "a")
            return isValid
                ? nil
                : .invalid(
                    "metadata.labels", .string(value),
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
                        + "must start and end with an alphanumeric character")
        }
    }

    private static func spec(_ kind: ResourceKind, _ object: KubernetesObject) -> [FieldProblem] {
        switch kind {
        case .deployment, .statefulSet, .daemonSet, .replicaSet: workload(object)
        case .service: service(object)
        case .persistentVolumeClaim: claim(object)
        case .ingress: ingress(object)
        case .horizontalPodAutoscaler: autoscaler(object)
        case .podDisruptionBudget:
            object["spec", "minAvailable"] != nil && object["spec", "maxUnavailable"] != nil
                ? [.invalid("spec", object["spec"] ?? .null, "minAvailable and maxUnavailable cannot be both set")] : []
        case .roleBinding, .clusterRoleBinding:
            object["roleRef", "name"]?.stringValue?.isEmpty == false ? [] : [.required("roleRef.name")]
        case .role, .clusterRole:
            (object["rules"]?.arrayValue ?? []).enumerated().compactMap { index, rule in
                (rule["verbs"]?.arrayValue ?? []).isEmpty
                    ? .required("rules[\(index)].verbs", "verbs must contain at least one value") : nil
            }
        case .cronJob:
            object["spec", "schedule"]?.stringValue?.isEmpty == false ? [] : [.required("spec.schedule")]
        case .secret: secret(object)
        case .customResourceDefinition: DefinitionValidation.problems(object)
        case .storageClass:
            object["provisioner"]?.stringValue?.isEmpty == false ? [] : [.required("provisioner")]
        default: []
        }
    }

    private static func workload(_ object: KubernetesObject) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if let replicas = object["spec", "replicas"]?.intValue, replicas < 0 {
            problems.append(.invalid("spec.replicas", .int(Int64(replicas)), "must be greater than or equal to 0"))
        }
        guard let selector = object["spec", "selector"] else {
            return problems + [.required("spec.selector")]
        }
        let requirements = LabelSelector(spec: selector)
        if requirements.requirements.isEmpty {
            problems.append(.invalid("spec.selector", selector, "empty selector is invalid for deployment"))
        }
        let labels = object["spec", "template", "metadata", "labels"]
        if !requirements.matches(KubernetesObject.strings(labels)) {
            problems.append(
                .invalid(
                    "spec.template.metadata.labels", labels ?? [:],
                    "`selector` does not match template `labels`"))
        }
        return problems
    }

    private static func service(_ object: KubernetesObject) -> [FieldProblem] {
        let ports = object["spec", "ports"]?.arrayValue ?? []
        let isPortless = object["spec", "clusterIP"] == "None" || object["spec", "type"] == "ExternalName"
        if ports.isEmpty { return isPortless ? [] : [.required("spec.ports")] }
        return ports.enumerated().flatMap { index, port -> [FieldProblem] in
            var problems: [FieldProblem] = []
            if let number = port["port"]?.intValue, !(1...65535).contains(number) {
                problems.append(
                    .invalid("spec.ports[\(index)].port", .int(Int64(number)), "must be between 1 and 65535, inclusive")
                )
            } else if port["port"] == nil {
                problems.append(.required("spec.ports[\(index)].port"))
            }
            if ports.count > 1, port["name"]?.stringValue?.isEmpty ?? true {
                problems.append(.required("spec.ports[\(index)].name"))
            }
            return problems
        }
    }

    private static func claim(_ object: KubernetesObject) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if (object["spec", "accessModes"]?.arrayValue ?? []).isEmpty {
            problems.append(.required("spec.accessModes", "at least 1 access mode is required"))
        }
        if object["spec", "resources", "requests", "storage"] == nil {
            problems.append(.required("spec.resources[storage]"))
        }
        return problems
    }

    private static func ingress(_ object: KubernetesObject) -> [FieldProblem] {
        let rules = object["spec", "rules"]?.arrayValue ?? []
        if rules.isEmpty, object["spec", "defaultBackend"] == nil {
            return [.invalid("spec", [], "either `defaultBackend` or `rules` must be specified")]
        }
        return rules.enumerated().flatMap { index, rule in
            (rule["http"]?["paths"]?.arrayValue ?? []).enumerated().flatMap { place, path -> [FieldProblem] in
                let field = "spec.rules[\(index)].http.paths[\(place)]"
                var problems: [FieldProblem] = []
                if path["pathType"] == nil {
                    problems.append(.required("\(field).pathType", "pathType must be specified"))
                }
                if path["backend"]?["service"] == nil, path["backend"]?["resource"] == nil {
                    problems.append(.required("\(field).backend"))
                }
                return problems
            }
        }
    }

    private static func autoscaler(_ object: KubernetesObject) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        for name in ["kind", "name"] where object["spec", "scaleTargetRef", name]?.stringValue?.isEmpty ?? true {
            problems.append(.required("spec.scaleTargetRef.\(name)"))
        }
        let most = object["spec", "maxReplicas"]?.intValue ?? 0
        if most < 1 {
            problems.append(.invalid("spec.maxReplicas", .int(Int64(most)), "must be greater than 0"))
        } else if most < object["spec", "minReplicas"]?.intValue ?? 1 {
            problems.append(
                .invalid("spec.maxReplicas", .int(Int64(most)), "must be greater than or equal to `minReplicas`"))
        }
        return problems
    }

    private static func secret(_ object: KubernetesObject) -> [FieldProblem] {
        (object["data"]?.objectValue ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
            // The value itself is a secret and stays out of the message.
            Data(base64Encoded: value.stringValue ?? "-") == nil
                ? FieldProblem(
                    reason: "FieldValueInvalid", field: "data[\(name)]",
                    message: "Invalid value: \"<redacted>\": illegal base64 data") : nil
        }
    }
}
