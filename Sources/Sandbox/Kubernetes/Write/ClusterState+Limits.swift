import Domain

extension ClusterState {
    /// Fills in what a namespace's limit ranges give, and throws 403 for what they do not allow, in the words of the
    /// admission plugin (`k8s.io/kubernetes/plugin/pkg/admission/limitranger/admission.go`).
    func limit(_ kind: ResourceKind, _ object: inout KubernetesObject) throws {
        guard kind == .pod || kind == .persistentVolumeClaim else { return }
        var problems: [String] = []
        for range in list(.limitRange, namespace: object.namespace) {
            for item in range["spec", "limits"]?.arrayValue ?? [] {
                switch (kind, item["type"]?.stringValue) {
                case (.pod, "Container"):
                    let lists = ["containers", "initContainers"].filter { object["spec", $0] != nil }
                    for list in lists {
                        let containers = (object["spec", list]?.arrayValue ?? []).map { ClusterState.filled($0, item) }
                        object["spec", list] = .array(containers)
                        for container in containers {
                            problems += ClusterState.problems(container["resources"], item, "Container")
                        }
                    }
                case (.persistentVolumeClaim, "PersistentVolumeClaim"):
                    problems += ClusterState.problems(object["spec", "resources"], item, "PersistentVolumeClaim")
                default: break
                }
            }
        }
        guard !problems.isEmpty else { return }
        let words = problems.count == 1 ? problems[0] : "[\(problems.joined(separator: ", "))]"
        throw KubernetesStatus.forbidden(kind, object.name, words)
    }

    private static func filled(_ json: JSONValue, _ item: JSONValue) -> JSONValue {
        var container = KubernetesObject(json)
        for (list, defaults) in [("limits", "default"), ("requests", "defaultRequest")] {
            for (name, value) in item[defaults]?.objectValue ?? [:] where container["resources", list, name] == nil {
                container["resources", list, name] = value
            }
        }
        return container.json
    }

    private static func problems(_ resources: JSONValue?, _ item: JSONValue, _ type: String) -> [String] {
        func sorted(_ member: String) -> [(key: String, value: JSONValue)] {
            (item[member]?.objectValue ?? [:]).sorted { $0.key < $1.key }
        }
        // A claim has a request only.
        let upper = type == "Container" ? "limit" : "request"
        var problems: [String] = []
        for (name, value) in sorted("min") {
            guard let least = KubernetesQuantity(value) else { continue }
            let start = "minimum \(name) usage per \(type) is \(least.text)"
            guard let asked = KubernetesQuantity(resources?["requests"]?[name]) else {
                problems.append("\(start).  No request is specified")
                continue
            }
            if asked < least { problems.append("\(start), but request is \(asked.text)") }
        }
        for (name, value) in sorted("max") {
            guard let most = KubernetesQuantity(value) else { continue }
            let start = "maximum \(name) usage per \(type) is \(most.text)"
            guard let asked = KubernetesQuantity(resources?["\(upper)s"]?[name]) else {
                problems.append("\(start).  No \(upper) is specified")
                continue
            }
            if asked > most { problems.append("\(start), but \(upper) is \(asked.text)") }
        }
        return problems
    }
}
