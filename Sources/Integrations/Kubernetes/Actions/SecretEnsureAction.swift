import Domain

/// Makes a Secret when it is missing, and adds the keys that it lacks. A key that is there is never touched, unless it is
/// a copy of a secret of the bot that has changed. Values are in no output, plan, log or error.
struct SecretEnsureAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let namespace: String
    private let name: String
    private let recipe: SecretRecipe
    private let onSecret: @Sendable (Secret) -> Void

    static func type(_ clusters: ClusterDirectory, onSecret: @escaping @Sendable (Secret) -> Void) -> ActionType {
        ActionType(
            "kubernetes.secret-ensure",
            "Makes a Secret with generated values when it is missing, and adds keys that it lacks; never changes one that it made",
            effect: .changes,
            outputs: [
                .init("created", .flag, "Whether the Secret was missing"),
                .init("added", .list(.text(nil)), "Names of the keys that were added, and of copies that were changed"),
            ]
        ) { SecretEnsureAction(&$0, clusters, onSecret) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory, _ onSecret: @escaping @Sendable (Secret) -> Void) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the Secret", pattern: NamePattern.label)
        name = input.text("name", "Name of the Secret", pattern: NamePattern.subdomain)
        var recipe = SecretRecipe()
        recipe.read(&input)
        recipe.readMore(&input)
        self.recipe = recipe
        self.onSecret = onSecret
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let copies = try recipe.copies(target.secret)
        return try await target.attempt(doing) { client in
            guard let found = try await client.find(.secrets, namespace: namespace, name: name) else {
                guard try await client.find(.namespaces, name: namespace) != nil else {
                    return ActionPlan(
                        changes: [], knownLater: ["\(title): which keys it lacks, when namespace \(namespace) is there"]
                    )
                }
                return ActionPlan(changes: ["\(title): new, with \(recipe.listed(recipe.keys))"])
            }
            let there = data(found)
            let missing = recipe.lacking(there, copies)
            let added = missing.filter { there[$0] == nil }
            let changed = missing.filter { there[$0] != nil }
            return ActionPlan(
                changes: (added.isEmpty ? [] : ["\(title): adds \(recipe.listed(added))"])
                    + (changed.isEmpty ? [] : ["\(title): changes \(recipe.listed(changed))"]))
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            // Another writer may come between the look and the change; the server then refuses, and we look again.
            for _ in 0..<5 {
                if let result = try await step(client, context) { return result }
            }
            throw ActionError(
                "\(title) is changed by somebody else all the time", retry: .later(afterMilliseconds: nil))
        }
    }

    /// Nil when somebody else was faster.
    private func step(_ client: KubernetesClient, _ context: ActionContext) async throws -> JSONValue? {
        let copies = try recipe.copies(target.secret)
        guard let found = try await client.find(.secrets, namespace: namespace, name: name) else {
            let values = try values(for: recipe.keys, beside: [:], copies, context)
            return try await SecretWrite.guarded {
                _ = try await client.create(.secrets, namespace: namespace, newSecret(values))
                return result(created: true, added: recipe.keys)
            }
        }
        // A value that an earlier run made may show up in a pod's log, so the redactor must know it.
        for (key, kind) in recipe.kinds where kind.isSecret {
            if let known = SecretValue.decode(data(found)[key]) { onSecret(known) }
        }
        let missing = recipe.lacking(data(found), copies)
        guard !missing.isEmpty else { return result(created: false, added: []) }
        let values = try values(for: missing, beside: data(found), copies, context)
        return try await SecretWrite.guarded {
            let change: JSONValue = [
                "metadata": ["resourceVersion": .string(found.resourceVersion ?? "")], "data": values,
            ]
            _ = try await client.patch(.secrets, namespace: namespace, name: name, .merge, change)
            return result(created: false, added: missing)
        }
    }

    /// New values in base64; the redactor is told those that are secret.
    private func values(
        for keys: [String], beside data: [String: JSONValue], _ copies: [String: Secret], _ context: ActionContext
    ) throws -> JSONValue {
        let values = try recipe.values(for: keys, beside: data, copies, now: context.time.now)
        for (key, value) in values where recipe.kinds[key]?.isSecret == true { onSecret(Secret(value)) }
        return .object(values.mapValues(SecretValue.encode))
    }

    private func newSecret(_ data: JSONValue) -> JSONValue {
        ClusterObject([
            "apiVersion": "v1", "kind": "Secret", "type": .string(recipe.type), "data": data,
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
        ]).labelled().json
    }

    private func data(_ secret: ClusterObject) -> [String: JSONValue] { secret["data"]?.objectValue ?? [:] }
    private var title: String { "Secret \(namespace)/\(name)" }
    private var doing: String { "\(title) cannot be ensured" }

    private func result(created: Bool, added: [String]) -> JSONValue {
        let what = created ? "made with" : added.isEmpty ? "is complete" : "got"
        let names = added.isEmpty ? "" : " " + added.joined(separator: ", ")
        return [
            "created": .bool(created), "added": .array(added.map(JSONValue.string)),
            "summary": .string("\(title) \(what)\(names)"),
        ]
    }
}
