import Domain

/// Waits until one object of any kind is ready, or several of one kind.
struct WaitAction: RepeatableAction {
    private let target: ClusterTarget
    private let apiVersion: String
    private let kind: String
    private let namespace: String?
    private let names: [String]

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.wait", "Waits until an object is ready, as its kind defines it, or says why it will not be",
            effect: .reads,
            outputs: [
                .init("state", .text(nil), "What it says: its addresses, 3/3, it is ready, …; of several the last")
            ]
        ) { WaitAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        apiVersion = input.text("api_version", "Its apiVersion, such as apps/v1", default: "v1")
        kind = input.text("kind", "Its kind, such as Service")
        namespace = input.optionalText(
            "namespace", "Its namespace; left out for kinds that have none", pattern: NamePattern.label)
        let name = input.optionalText("name", "Its name", pattern: NamePattern.subdomain)
        let several = input.texts("names", "Instead of 'name': names of several, all of which are waited for")
        names = name.map { [$0] } ?? several
        if input.isGiven("name") == input.isGiven("names") {
            input.report("one of 'name' and 'names' is needed", field: "name", fix: "name the object")
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        var lines: [String] = []
        var state = ""
        for name in names {
            state = try await ready(name, context).get()
            lines.append("\(title(name)): \(state)")
        }
        let summary = lines.count == 1 ? lines[0] : "\(lines.count) of kind \(kind) are ready"
        return [
            "state": .string(state), "summary": .string(summary), "details": .string(lines.joined(separator: "\n")),
        ]
    }

    private func ready(_ name: String, _ context: ActionContext) async throws -> Result<String, ActionError> {
        try await target.attempt("\(title(name)) cannot be watched") { client in
            let type = try await type(client, name)
            let feed = ObjectFeed(
                client: client, type: type, namespace: namespace, labels: nil, fields: "metadata.name=\(name)",
                time: context.time)
            return try await feed.until { change -> Result<String, ActionError>? in
                let object: ClusterObject
                switch change {
                case .all(let objects):
                    guard let found = objects.first(where: { $0.name == name }) else {
                        tell("is not there yet", of: name, context)
                        return nil
                    }
                    object = found
                case .changed(let changed): object = changed
                case .removed(let gone) where gone.name == name:
                    tell("is not there any more", of: name, context)
                    return nil
                case .removed: return nil
                }
                guard object.name == name else { return nil }
                switch Readiness(object) {
                case .ready(let state): return .success(state)
                case .waiting(let what):
                    tell(what, of: name, context)
                    return nil
                case .never(let why, let hint): return .failure(ActionError("\(title(name)): \(why)", hint: hint))
                }
            }
        }
    }

    private func tell(_ what: String, of name: String, _ context: ActionContext) {
        context.progress(names.count == 1 ? what : "\(name): \(what)")
    }

    private func type(_ client: KubernetesClient, _ name: String) async throws -> ResourceType {
        guard let type = try await client.discovery.type(apiVersion: apiVersion, kind: kind, client: client) else {
            throw ActionError(
                "cluster \(target.cluster) does not know \(kind) of \(apiVersion)",
                hint: "check 'kind' and 'api_version', or install its CustomResourceDefinition")
        }
        if type.isNamespaced, namespace == nil {
            throw ActionError("\(kind) \(name) has a namespace", hint: "name it with 'namespace'")
        }
        return type
    }

    private func title(_ name: String) -> String { "\(kind) " + (namespace.map { "\($0)/" } ?? "") + name }
}
