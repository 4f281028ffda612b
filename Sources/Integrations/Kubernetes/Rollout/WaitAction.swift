import Domain

/// Waits until one object of any kind is ready.
struct WaitAction: RepeatableAction {
    private let target: ClusterTarget
    private let apiVersion: String
    private let kind: String
    private let namespace: String?
    private let name: String

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.wait", "Waits until an object is ready, as its kind defines it, or says why it will not be",
            effect: .reads, outputs: [.init("state", .text(nil), "What it says: its addresses, 3/3, it is ready, …")]
        ) { WaitAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        apiVersion = input.text("api_version", "Its apiVersion, such as apps/v1", default: "v1")
        kind = input.text("kind", "Its kind, such as Service")
        namespace = input.optionalText(
            "namespace", "Its namespace; left out for kinds that have none", pattern: NamePattern.label)
        name = input.text("name", "Its name", pattern: NamePattern.subdomain)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let ready = try await target.attempt("\(title) cannot be watched") { client in
            let type = try await type(client)
            let feed = ObjectFeed(
                client: client, type: type, namespace: namespace, labels: nil, fields: "metadata.name=\(name)",
                time: context.time)
            return try await feed.until { change -> Result<String, ActionError>? in
                let object: ClusterObject
                switch change {
                case .all(let objects):
                    guard let found = objects.first(where: { $0.name == name }) else {
                        context.progress("is not there yet")
                        return nil
                    }
                    object = found
                case .changed(let changed): object = changed
                case .removed(let gone) where gone.name == name:
                    context.progress("is not there any more")
                    return nil
                case .removed: return nil
                }
                guard object.name == name else { return nil }
                switch Readiness(object) {
                case .ready(let state): return .success(state)
                case .waiting(let what):
                    context.progress(what)
                    return nil
                case .never(let why, let hint): return .failure(ActionError("\(title): \(why)", hint: hint))
                }
            }
        }
        let state = try ready.get()
        return ["state": .string(state), "summary": .string("\(title): \(state)")]
    }

    private func type(_ client: KubernetesClient) async throws -> ResourceType {
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

    private var title: String { "\(kind) " + (namespace.map { "\($0)/" } ?? "") + name }
}
