import Domain

/// Makes new values for keys of a Secret, once for each step, and restarts the workloads that read it. The old value
/// stays accepted where the kind allows it: `<key>.previous` of an HMAC key, the older public keys of a key pair.
/// Values are in no output, plan, log or error.
struct SecretRotateAction: RepeatableAction, Plannable {
    /// Whose value is the idempotency key of the last rotation: a repetition finds it there and changes nothing.
    static let annotation = "defimon/rotated-by"

    private let target: ClusterTarget
    private let namespace: String
    private let name: String
    private let recipe: SecretRecipe
    private let anyway: Bool
    private let restarts: Bool
    private let onSecret: @Sendable (Secret) -> Void

    static func type(_ clusters: ClusterDirectory, onSecret: @escaping @Sendable (Secret) -> Void) -> ActionType {
        ActionType(
            "kubernetes.secret-rotate",
            "Makes new values for keys of a Secret, keeps the old ones accepted where their kind allows it, and restarts "
                + "what reads it",
            effect: .changes,
            outputs: [
                .init("rotated", .list(.text(nil)), "Names of the keys that have new values"),
                .init("restarted", .list(.text(nil)), "Workloads such as Deployment/api that were told to restart"),
            ]
        ) { SecretRotateAction(&$0, clusters, onSecret) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory, _ onSecret: @escaping @Sendable (Secret) -> Void) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the Secret", pattern: NamePattern.label)
        name = input.text("name", "Name of the Secret", pattern: NamePattern.subdomain)
        var recipe = SecretRecipe()
        recipe.read(&input)
        self.recipe = recipe
        anyway = input.flag(
            "anyway",
            "Also passwords and hexadecimal keys, whose old values are refused at once: the command itself changes their user"
        )
        restarts = input.flag("restart", "Restart the workloads that read the Secret", default: true)
        self.onSecret = onSecret
        for kind in ["generate", "hex"] where input.isGiven(kind) && !input.isGiven("anyway") {
            input.report(SecretRotateAction.noPassword, field: kind, fix: SecretRotateAction.anywayHint)
        }
        if !["generate", "hmac", "hex", "jwt"].contains(where: input.isGiven) {
            input.report(
                "nothing is to be rotated", field: "name", fix: "name keys with 'hmac', 'hex', 'jwt' or 'generate'")
        }
    }

    private static let noPassword =
        "a password or hexadecimal key has no old value that stays accepted, so what uses it fails until both sides know it"
    private static let anywayHint = "change its user in the same command, and say 'anyway: true'"

    // MARK: Plan

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let secret = try await secret(client)
            let isRotated = secret.annotations[SecretRotateAction.annotation] == context.idempotencyKey
            if !isRotated { _ = try rotated(secret, isPlan: true) }
            var changes = isRotated ? [] : ["\(title): new values for \(recipe.listed(recipe.keys))"]
            for (_, workload) in try await users(client) where !isRestarted(workload, context) {
                changes.append(
                    isPaused(workload)
                        ? "\(workload.title): reads it, is paused, and keeps the old value until it is resumed"
                        : "\(workload.title): reads it, so its pods are replaced")
            }
            return ActionPlan(changes: changes)
        }
    }

    // MARK: Run

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            try await rotate(client, context)
            var restarted: [String] = []
            var paused: [String] = []
            for (type, workload) in try await users(client) {
                let short = "\(workload.kind)/\(workload.name)"
                if isPaused(workload) {
                    paused.append(short)
                    continue
                }
                if !isRestarted(workload, context) {
                    let annotations: JSONValue = [RolloutRestartAction.annotation: .string(context.idempotencyKey)]
                    _ = try await client.patch(
                        type, namespace: namespace, name: workload.name, .strategic,
                        ["spec": ["template": ["metadata": ["annotations": annotations]]]])
                }
                restarted.append(short)
            }
            return result(restarted, paused)
        }
    }

    private func rotate(_ client: KubernetesClient, _ context: ActionContext) async throws {
        // Another writer may come between the look and the change; the server then refuses, and we look again.
        for _ in 0..<5 {
            let secret = try await secret(client)
            for value in (secret["data"]?.objectValue ?? [:]).values {
                if let known = SecretValue.decode(value) { onSecret(known) }
            }
            if secret.annotations[SecretRotateAction.annotation] == context.idempotencyKey { return }
            let values = try rotated(secret, isPlan: false)
            let change: JSONValue = [
                "metadata": [
                    "resourceVersion": .string(secret.resourceVersion ?? ""),
                    "annotations": [SecretRotateAction.annotation: .string(context.idempotencyKey)],
                ],
                "data": .object(values.mapValues(SecretValue.encode)),
            ]
            let isWritten: Bool? = try await SecretWrite.guarded {
                _ = try await client.patch(.secrets, namespace: namespace, name: name, .merge, change)
                return true
            }
            if isWritten == true { return }
        }
        throw ActionError("\(title) is changed by somebody else all the time", retry: .later(afterMilliseconds: nil))
    }

    /// New values, and what is kept of the old ones. Throws when a key is not there or is of another kind.
    private func rotated(_ secret: ClusterObject, isPlan: Bool) throws(ActionError) -> [String: String] {
        var values: [String: String] = [:]
        for key in recipe.keys {
            guard let kind = recipe.kinds[key], kind.isSecret else { continue }
            guard let old = SecretValue.decode(secret["data", key])?.reveal() else {
                throw ActionError(
                    "\(title) has no key '\(key)'", hint: "kubernetes.secret-ensure makes keys that are missing")
            }
            switch kind {
            case .password, .hex:
                guard anyway else {
                    throw ActionError(SecretRotateAction.noPassword, hint: SecretRotateAction.anywayHint)
                }
                values[key] = kind == .hex ? RandomText.hex() : RandomText.password()
            case .hmac:
                values[key] = KeyMaking.hmac()
                values["\(key).previous"] = old
            default:
                let new = KeyMaking.signingKey()
                values[key] = new
                for (publics, of) in recipe.kinds where of == .publicKeys(of: key) {
                    // The key in use stays among the public ones, also where the set was lost.
                    let before = SecretValue.decode(secret["data", publics])?.reveal()
                    if let before, !KeyMaking.isKeySet(before) {
                        throw ActionError(
                            "'\(publics)' of \(title) is no set of public keys, and older keys that it named would be "
                                + "lost",
                            hint:
                                "mend it; or remove '\(publics)' from the Secret, when no token of an older key is about"
                        )
                    }
                    guard let known = KeyMaking.publicKeys(of: old, after: before),
                        let all = KeyMaking.publicKeys(of: new, after: known)
                    else {
                        throw ActionError(
                            "the key '\(key)' of \(title) is no ES256 private key",
                            hint: "it wants P-256 in PKCS#8 and PEM")
                    }
                    values[publics] = all
                }
            }
        }
        guard !isPlan else { return [:] }
        for (key, value) in values where recipe.kinds[key]?.isSecret ?? true { onSecret(Secret(value)) }
        return values
    }

    private func secret(_ client: KubernetesClient) async throws -> ClusterObject {
        let found = try await client.get(.secrets, namespace: namespace, name: name)
        guard found.isManaged else {
            throw ActionError(
                "\(title) was not made by the bot, so it is not changed",
                hint: "give it the label \(ManagedLabel.name)=\(ManagedLabel.value) when the bot may rotate it")
        }
        guard found["immutable"]?.boolValue != true else {
            throw ActionError("\(title) is immutable", hint: "make a new one under another name")
        }
        return found
    }

    // MARK: Users

    private func users(_ client: KubernetesClient) async throws -> [(type: ResourceType, workload: ClusterObject)] {
        restarts ? try await SecretUsers.all(of: name, in: namespace, client) : []
    }

    private func isRestarted(_ workload: ClusterObject, _ context: ActionContext) -> Bool {
        workload.text("spec", "template", "metadata", "annotations", RolloutRestartAction.annotation)
            == context.idempotencyKey
    }

    private func isPaused(_ workload: ClusterObject) -> Bool { workload["spec", "paused"]?.boolValue == true }

    private var title: String { "Secret \(namespace)/\(name)" }
    private var doing: String { "\(title) cannot be rotated" }

    private func result(_ restarted: [String], _ paused: [String]) -> JSONValue {
        let keys = recipe.keys.filter { recipe.kinds[$0]?.isSecret == true }
        var words = "\(title): new values for \(keys.joined(separator: ", "))"
        if !restarted.isEmpty { words += "; \(restarted.joined(separator: ", ")) restart" }
        if !paused.isEmpty { words += "; paused, with the old value: \(paused.joined(separator: ", "))" }
        return [
            "rotated": .array(keys.map(JSONValue.string)), "restarted": .array(restarted.map(JSONValue.string)),
            "summary": .string(words),
        ]
    }
}
