import Domain

/// Gives a container of a workload another image. The rollout that follows is waited for by another step.
struct SetImageAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let namespace: String
    private let kind: RolloutRestartAction.Kind
    private let name: String
    private let container: String?
    private let image: String

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.set-image", "Gives a container of a workload another image", effect: .changes,
            outputs: [
                .init("before", .text(nil), "The image before"),
                .init("changed", .flag, "False when it had this image already"),
            ]
        ) { SetImageAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the workload", pattern: NamePattern.label)
        kind = input.choice("kind", "Kind of the workload", of: RolloutRestartAction.Kind.self) ?? .deployment
        name = input.text("name", "Name of the workload", pattern: NamePattern.subdomain)
        container = input.optionalText(
            "container", "Name of the container; may be left out where there is one alone", pattern: NamePattern.label)
        image = input.text("image", "The image with its tag or digest")
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let found = try await client.get(kind.type, namespace: namespace, name: name)
            let (container, before) = try container(of: found)
            guard before != image else { return ActionPlan(changes: []) }
            _ = try await patch(container, client, isDryRun: true)
            return ActionPlan(changes: ["\(title): image of \(container) \(before) → \(image)"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let found = try await client.get(kind.type, namespace: namespace, name: name)
            let (container, before) = try container(of: found)
            if before != image { _ = try await patch(container, client, isDryRun: false) }
            let what = before == image ? "has \(image) already" : "goes from \(before) to \(image)"
            return [
                "before": .string(before), "changed": .bool(before != image), "summary": .string("\(title) \(what)"),
            ]
        }
    }

    private func container(of workload: ClusterObject) throws(ActionError) -> (name: String, image: String) {
        let all = workload["spec", "template", "spec", "containers"]?.arrayValue ?? []
        let names = all.compactMap { $0["name"]?.stringValue }
        let chosen = container ?? (names.count == 1 ? names[0] : nil)
        guard let chosen, let found = all.first(where: { $0["name"]?.stringValue == chosen }) else {
            throw ActionError(
                chosen.map { "\(title) has no container '\($0)'" } ?? "\(title) has \(names.count) containers",
                hint: "name one with 'container': \(names.joined(separator: ", "))")
        }
        return (chosen, found["image"]?.stringValue ?? "")
    }

    private func patch(_ container: String, _ client: KubernetesClient, isDryRun: Bool) async throws -> ClusterObject {
        let containers: JSONValue = [["name": .string(container), "image": .string(image)]]
        return try await client.patch(
            kind.type, namespace: namespace, name: name, .strategic,
            ["spec": ["template": ["spec": ["containers": containers]]]], isDryRun: isDryRun)
    }

    private var title: String { "\(kind.rawValue) \(namespace)/\(name)" }
    private var doing: String { "the image of \(title) cannot be changed" }
}
