import Domain

/// The rules for a pod or a template of one.
struct PodValidation: Sendable {
    let kind: ResourceKind
    let object: KubernetesObject
    let template: JSONValue

    func problems() -> [FieldProblem] {
        let prefix = KubernetesObject.podTemplatePath(kind) + "spec"
        guard let spec = template["spec"], let containers = spec["containers"]?.arrayValue, !containers.isEmpty else {
            return [.required("\(prefix).containers")]
        }
        var problems: [FieldProblem] = []
        for list in ["containers", "initContainers"] {
            var names: Set<String> = []
            for (index, container) in (spec[list]?.arrayValue ?? []).enumerated() {
                let field = "\(prefix).\(list)[\(index)]"
                problems += self.container(container, field, spec)
                guard let name = container["name"]?.stringValue, !name.isEmpty else { continue }
                if !names.insert(name).inserted { problems.append(.duplicate("\(field).name", .string(name))) }
            }
        }
        return problems + restartPolicy(spec, prefix)
    }

    private func container(_ container: JSONValue, _ field: String, _ spec: JSONValue) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        let name = container["name"]?.stringValue ?? ""
        if name.isEmpty {
            problems.append(.required("\(field).name"))
        } else if !KubernetesValidation.isDNSLabel(name) {
            problems.append(
                .invalid(
                    "\(field).name", .string(name),
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
                        + "start and end with an alphanumeric character"))
        }
        if container["image"]?.stringValue?.isEmpty ?? true { problems.append(.required("\(field).image")) }
        var names: Set<String> = []
        for (index, variable) in (container["env"]?.arrayValue ?? []).enumerated() {
            let name = variable["name"]?.stringValue ?? ""
            if name.isEmpty { problems.append(.required("\(field).env[\(index)].name")) }
            if variable["value"]?.stringValue?.isEmpty == false, variable["valueFrom"] != nil {
                problems.append(
                    .invalid(
                        "\(field).env[\(index)].valueFrom", "", "may not be specified when `value` is not empty"))
            }
            names.insert(name)
        }
        let volumes = volumeNames(spec)
        for (index, mount) in (container["volumeMounts"]?.arrayValue ?? []).enumerated() {
            let volume = mount["name"]?.stringValue ?? ""
            if !volumes.contains(volume) {
                problems.append(.notFound("\(field).volumeMounts[\(index)].name", .string(volume)))
            }
            if mount["mountPath"]?.stringValue?.isEmpty ?? true {
                problems.append(.required("\(field).volumeMounts[\(index)].mountPath"))
            }
        }
        for (index, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
            let number = port["containerPort"]?.intValue ?? 0
            if !(1...65535).contains(number) {
                problems.append(
                    .invalid(
                        "\(field).ports[\(index)].containerPort", .int(Int64(number)),
                        "must be between 1 and 65535, inclusive"))
            }
        }
        return problems
    }

    private func volumeNames(_ spec: JSONValue) -> Set<String> {
        let own = (spec["volumes"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        let claims = (object["spec", "volumeClaimTemplates"]?.arrayValue ?? []).compactMap {
            $0["metadata"]?["name"]?.stringValue
        }
        return Set(own + claims)
    }

    private func restartPolicy(_ spec: JSONValue, _ prefix: String) -> [FieldProblem] {
        let policy = spec["restartPolicy"] ?? "Always"
        let allowed: [String] =
            switch kind {
            case .pod: ["Always", "OnFailure", "Never"]
            case .job, .cronJob: ["OnFailure", "Never"]
            default: ["Always"]
            }
        guard !allowed.contains(policy.stringValue ?? "") else { return [] }
        return [.notSupported("\(prefix).restartPolicy", policy, allowed)]
    }
}
