import Domain

/// Runs a container as a Job of the cluster and waits for its end. The Job's name comes from the step's idempotency
/// key, so that it is made once, and is found again when the bot was away.
struct RunJobAction: RemoteOperation, Plannable, StoppableAction {
    private let target: ClusterTarget
    private let wish: JobWish
    private let nodePatience: Duration
    private let places: ApplyAction.Places
    private let onSecret: @Sendable (Secret) -> Void

    static func type(
        _ clusters: ClusterDirectory, _ places: ApplyAction.Places, onSecret: @escaping @Sendable (Secret) -> Void
    ) -> ActionType {
        ActionType(
            "kubernetes.run-job", "Runs a container as a Job of the cluster, and waits for its end", effect: .changes,
            outputs: [
                .init("exit_code", .integer(nil), "The exit code of its container: 0"),
                .init(
                    "output", .text(nil),
                    "Its last \(JobEnd.outputLines) lines, of at most \(JobEnd.outputBytes) bytes"),
                .init("job", .text(nil), "The Job's name"),
                .init("seconds", .integer(nil), "How long it ran"),
            ]
        ) { RunJobAction(&$0, clusters, places, onSecret) }
    }

    init(
        _ input: inout InputReader, _ clusters: ClusterDirectory, _ places: ApplyAction.Places,
        _ onSecret: @escaping @Sendable (Secret) -> Void
    ) {
        target = ClusterTarget(&input, clusters)
        wish = JobWish(&input)
        nodePatience = input.duration(
            "node_within", "How long it may wait for a node that takes it", default: .seconds(600))
        self.places = places
        self.onSecret = onSecret
    }

    // MARK: Plan

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let object = try manifest(context)
        return try await target.attempt(doing(object.name)) { client in
            guard try await client.find(.namespaces, name: wish.namespace) != nil else {
                return ActionPlan(
                    changes: [planned(object)],
                    knownLater: ["whether the cluster takes it, when namespace \(wish.namespace) is there"])
            }
            let missing = try await tellSecrets(object, client)
            do {
                _ = try await client.create(.jobs, namespace: wish.namespace, object.json, isDryRun: true)
            } catch let error as KubernetesError where error.isAlreadyExists {}
            return ActionPlan(changes: [planned(object)], knownLater: missing.map { "\($0), which is not there yet" })
        }
    }

    private func planned(_ object: ClusterObject) -> String {
        var words = "Job in \(wish.namespace): runs \(object.images.first ?? "")"
        if let command = wish.shownCommand { words += " with \(command)" }
        if let template = wish.template { words += ", made of \(template)" }
        if let account = wish.serviceAccount { words += ", as service account \(account)" }
        if let gpus = wish.resources["limits"]?[JobWish.gpu]?.stringValue { words += ", \(gpus) GPU" }
        return words
    }

    // MARK: Operation

    func start(_ context: ActionContext) async throws -> JSONValue {
        let object = try manifest(context)
        return try await target.attempt(doing(object.name), changes: true) { client in
            if let missing = try await tellSecrets(object, client).first {
                throw ActionError(
                    "Job \(wish.namespace)/\(object.name) is not begun: it needs \(missing), which is not there",
                    hint: "make it, for one by kubernetes.secret-ensure")
            }
            do {
                return handle(try await client.create(.jobs, namespace: wish.namespace, object.json))
            } catch let error as KubernetesError where error.isAlreadyExists {
                guard let found = try await client.find(.jobs, namespace: wish.namespace, name: object.name) else {
                    throw ActionError(
                        "\(object.title) was there and is gone", retry: .later(afterMilliseconds: nil))
                }
                guard isOurs(found, context) else {
                    throw ActionError(
                        "\(object.title) is there already, and it is none of this step",
                        hint: "look who made it; when it is not needed: kubectl delete job \(object.name) -n "
                            + wish.namespace)
                }
                return handle(found)
            }
        }
    }

    func find(_ context: ActionContext) async throws -> OperationSearch {
        let name = JobManifest.name(context)
        return try await target.attempt("\(title(name)) cannot be looked for") { client in
            let found = try await client.patiently(context.time) {
                try await client.find(.jobs, namespace: wish.namespace, name: name)
            }
            guard let found, isOurs(found, context) else { return .notStarted }
            return .found(handle: handle(found))
        }
    }

    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus {
        guard let name = handle["name"]?.stringValue, let uid = handle["uid"]?.stringValue,
            let namespace = handle["namespace"]?.stringValue
        else { return .gone }
        return try await target.attempt("\(title(name)) cannot be followed", changes: true) { client in
            let found = try await client.patiently(context.time) {
                try await client.find(.jobs, namespace: namespace, name: name)
            }
            guard let found, found.uid == uid else { return .gone }
            // After a restart the redactor knows nothing yet, and the log is still to come.
            _ = try await tellSecrets(found, client)
            let end = try await JobFollow(
                client: client, namespace: namespace, name: name, uid: uid, nodePatience: nodePatience,
                context: context
            ).end()
            switch end.verdict {
            case .complete(let job): return .done(end.output(job))
            case .stuck:
                try await delete(client, namespace, name, uid)
                return .failed(end.failure(title(name), namespace: namespace))
            case .failed, .removed: return .failed(end.failure(title(name), namespace: namespace))
            }
        }
    }

    func stop(_ context: ActionContext) async throws {
        let name = JobManifest.name(context)
        try await target.attempt("\(title(name)) cannot be deleted", changes: true) { client in
            var tries = 0
            while true {
                let found = try await client.find(.jobs, namespace: wish.namespace, name: name)
                if let found {
                    guard isOurs(found, context), let uid = found.uid else { return }
                    // One that has ended stays for people to look at.
                    if RolloutState(found).map(JobFollow.isOver) == true { return }
                    return try await delete(client, wish.namespace, name, uid)
                }
                // Its creation may be under way still.
                tries += 1
                guard tries < 2 else { return }
                try await context.time.sleep(for: .seconds(1))
            }
        }
    }

    /// Its pods end with it.
    private func delete(_ client: KubernetesClient, _ namespace: String, _ name: String, _ uid: String) async throws {
        do {
            try await client.delete(.jobs, namespace: namespace, name: name, uid: uid)
        } catch let error as KubernetesError where error.isNotFound {}
    }

    // MARK: Parts

    private func manifest(_ context: ActionContext) throws(ActionError) -> ClusterObject {
        try JobManifest(wish: wish, template: try template()).object(context)
    }

    private func template() throws(ActionError) -> ClusterObject? {
        guard let path = wish.template else { return nil }
        let folder = ManifestFolder(root: places.root)
        var settings: [ManifestFolder.File] = []
        if let file = wish.settings { settings.append(try folder.file(file)) }
        let scope = try ManifestScope(
            files: settings, environment: places.environment, variables: wish.variables, namespace: wish.namespace)
        let manifests = try Manifest.read([try folder.file(path)], scope: scope)
        guard manifests.count == 1, ["Job", "PodTemplate"].contains(manifests[0].kind) else {
            let kinds = manifests.map(\.kind).joined(separator: ", ")
            throw ActionError(
                "the template \(path) holds \(kinds.isEmpty ? "nothing" : kinds)",
                hint: "let it hold one Job (batch/v1) or one PodTemplate (v1)")
        }
        return manifests[0].object
    }

    /// Tells the redactor what the container could write into its log. Gives what is not there and is needed. Without
    /// the right to read a Secret it throws, for then its values could not be hidden.
    private func tellSecrets(_ job: ClusterObject, _ client: KubernetesClient) async throws -> [String] {
        var missing: [String] = []
        let uses = SecretUse.all(in: job["spec", "template", "spec"])
        for name in Set(uses.map(\.secret)).sorted() {
            let found = try await client.find(.secrets, namespace: wish.namespace, name: name)
            for use in uses where use.secret == name {
                guard let data = found?["data"]?.objectValue, use.key.map({ data[$0] != nil }) ?? true else {
                    let what = "Secret \(wish.namespace)/\(name)" + (found == nil ? "" : "'s key \(use.key ?? "")")
                    if !use.isOptional, !missing.contains(what) { missing.append(what) }
                    continue
                }
                for (key, value) in data where use.key == nil || use.key == key {
                    if let secret = SecretValue.decode(value) { onSecret(secret) }
                }
            }
        }
        return missing
    }

    private func isOurs(_ job: ClusterObject, _ context: ActionContext) -> Bool {
        job.annotations[JobManifest.keyAnnotation] == context.idempotencyKey
    }

    private func handle(_ job: ClusterObject) -> JSONValue {
        ["namespace": .string(wish.namespace), "name": .string(job.name), "uid": .string(job.uid ?? "")]
    }

    private func title(_ name: String) -> String { "Job \(wish.namespace)/\(name)" }
    private func doing(_ name: String) -> String { "\(title(name)) cannot be begun" }
}

extension JobFollow {
    /// Whether a Job has ended, well or not.
    static func isOver(_ state: RolloutState) -> Bool {
        switch state {
        case .done: true
        case .stalled(let stall): stall.cause == .jobFailed
        case .waiting: false
        }
    }
}
