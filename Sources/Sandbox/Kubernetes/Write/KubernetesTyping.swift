import Domain

/// The types of those fields that people get wrong in manifests: what Go's decoder refuses with 400.
enum KubernetesTyping {
    static func check(_ kind: ResourceKind, _ object: KubernetesObject) throws {
        func refuse(_ field: String, _ value: JSONValue, _ type: String) -> KubernetesStatus {
            .badRequest(
                "\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): json: cannot unmarshal "
                    + "\(name(value)) into Go struct field \(field) of type \(type)")
        }
        for map in ["labels", "annotations"] {
            for value in (object["metadata", map]?.objectValue ?? [:]).values where value.stringValue == nil {
                throw refuse("ObjectMeta.metadata.\(map)", value, "string")
            }
        }
        if kind == .configMap || kind == .secret {
            for value in (object["data"]?.objectValue ?? [:]).values where value.stringValue == nil {
                throw refuse("\(kind.kind).data", value, kind == .secret ? "[]uint8" : "string")
            }
        }
        for field in ["replicas", "parallelism", "completions", "minReadySeconds", "maxReplicas", "minReplicas"] {
            guard let value = object["spec", field], value != .null, value.intValue == nil else { continue }
            throw refuse("\(kind.kind)Spec.spec.\(field)", value, "int32")
        }
        guard let template = KubernetesObject.podTemplate(kind, object) else { return }
        for (label, value) in template["metadata"]?["labels"]?.objectValue ?? [:] where value.stringValue == nil {
            throw refuse("ObjectMeta.spec.template.metadata.labels[\(label)]", value, "string")
        }
        for list in ["containers", "initContainers"] {
            for container in template["spec"]?[list]?.arrayValue ?? [] {
                try checkContainer(container, "\(list)", refuse)
            }
        }
    }

    private static func checkContainer(
        _ container: JSONValue, _ list: String, _ refuse: (String, JSONValue, String) -> KubernetesStatus
    ) throws {
        for field in ["name", "image"] {
            if let value = container[field], value != .null, value.stringValue == nil {
                throw refuse("Container.spec.\(list).\(field)", value, "string")
            }
        }
        for variable in container["env"]?.arrayValue ?? [] {
            guard let value = variable["value"], value != .null, value.stringValue == nil else { continue }
            throw refuse("EnvVar.spec.\(list).env.value", value, "string")
        }
        for port in container["ports"]?.arrayValue ?? [] {
            guard let value = port["containerPort"], value.intValue == nil else { continue }
            throw refuse("ContainerPort.spec.\(list).ports.containerPort", value, "int32")
        }
        for field in ["command", "args"] {
            for value in container[field]?.arrayValue ?? [] where value.stringValue == nil {
                throw refuse("Container.spec.\(list).\(field)", value, "string")
            }
        }
    }

    private static func name(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "bool"
        case .int, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension KubernetesObject {
    /// The pod that an object describes: itself, or its template.
    static func podTemplate(_ kind: ResourceKind, _ object: KubernetesObject) -> JSONValue? {
        switch kind {
        case .pod: object.json
        case .deployment, .statefulSet, .daemonSet, .replicaSet, .job: object["spec", "template"]
        case .cronJob: object["spec", "jobTemplate", "spec", "template"]
        default: nil
        }
    }

    /// The path of that pod, as errors write it.
    static func podTemplatePath(_ kind: ResourceKind) -> String {
        switch kind {
        case .pod: ""
        case .cronJob: "spec.jobTemplate.spec.template."
        default: "spec.template."
        }
    }
}
