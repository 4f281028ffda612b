import Domain

/// Makes the Job's object out of a wish and, where there is one, a template.
struct JobManifest: Sendable {
    /// The label of what a job of the bot has made; its value is that job's number.
    static let jobLabel = "defimon/job"
    /// The label of the pods, whose value is the Job's name.
    static let runLabel = "defimon/run"
    /// The annotation with the step's idempotency key, by which the step knows its Job again.
    static let keyAnnotation = "defimon/key"

    var wish: JobWish
    /// A Job or a PodTemplate.
    var template: ClusterObject?

    /// Stable for a step over all tries and restarts.
    static func name(_ context: ActionContext) -> String {
        "defimon-" + Hex.encode(SHA256Digest.of(Array(context.idempotencyKey.utf8))).prefix(12)
    }

    /// The object as it is created. Throws when the template has no container.
    func object(_ context: ActionContext) throws(ActionError) -> ClusterObject {
        let name = JobManifest.name(context)
        var spec = template?.kind == "Job" ? template?["spec"]?.objectValue ?? [:] : [:]
        let podTemplate = template?.kind == "Job" ? template?["spec", "template"] : template?["template"]
        var metadata = podTemplate?["metadata"]?.objectValue ?? [:]
        var labels = metadata["labels"]?.objectValue ?? [:]
        labels.merge(own(context)) { $1 }
        labels[JobManifest.runLabel] = .string(name)
        metadata["labels"] = .object(labels)
        metadata["name"] = nil
        metadata["namespace"] = nil
        spec["template"] = ["metadata": .object(metadata), "spec": try pod(podTemplate?["spec"])]
        // What only a Job that is there already has.
        for member in ["selector", "manualSelector"] { spec[member] = nil }
        if let retries = wish.retries { spec["backoffLimit"] = .int(Int64(retries)) }
        spec["backoffLimit"] = spec["backoffLimit"] ?? 0
        spec["ttlSecondsAfterFinished"] = spec["ttlSecondsAfterFinished"] ?? .int(wish.keep.seconds)
        if let seconds = deadline(spec["activeDeadlineSeconds"]?.intValue, context) {
            spec["activeDeadlineSeconds"] = .int(seconds)
        }
        return ClusterObject([
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": [
                "name": .string(name), "namespace": .string(wish.namespace), "labels": .object(own(context)),
                "annotations": [JobManifest.keyAnnotation: .string(context.idempotencyKey)],
            ],
            "spec": .object(spec),
        ])
    }

    /// The shortest of what the template, the inputs and the step's time allow, in seconds: also when the bot is gone,
    /// nothing runs on for ever.
    private func deadline(_ ofTemplate: Int?, _ context: ActionContext) -> Int64? {
        [ofTemplate.map(Int64.init), wish.deadline?.seconds, context.timeLimit.map { max(1, $0.seconds) }]
            .compactMap(\.self).min()
    }

    private func own(_ context: ActionContext) -> [String: JSONValue] {
        [
            ManagedLabel.name: .string(ManagedLabel.value),
            JobManifest.jobLabel: .string(String(context.jobID)),
        ]
    }

    // MARK: The pod

    private func pod(_ ofTemplate: JSONValue?) throws(ActionError) -> JSONValue {
        var pod = ofTemplate?.objectValue ?? JobManifest.safePod
        if pod["restartPolicy"] == nil || pod["restartPolicy"] == "Always" { pod["restartPolicy"] = "Never" }
        if let account = wish.serviceAccount {
            pod["serviceAccountName"] = .string(account)
            pod["automountServiceAccountToken"] = true
        }
        if !wish.nodeSelector.isEmpty {
            let old = pod["nodeSelector"]?.objectValue ?? [:]
            pod["nodeSelector"] = .object(old.merging(wish.nodeSelector.mapValues(JSONValue.string)) { $1 })
        }
        var tolerations = (pod["tolerations"]?.arrayValue ?? []) + wish.tolerations
        if wish.resources["limits"]?[JobWish.gpu] != nil {
            tolerations.append(["key": .string(JobWish.gpu), "operator": "Exists", "effect": "NoSchedule"])
        }
        if !tolerations.isEmpty { pod["tolerations"] = .array(tolerations) }
        var containers = pod["containers"]?.arrayValue ?? []
        guard let first = containers.first?.objectValue else {
            throw ActionError("the template \(wish.template ?? "") has no container", hint: "give it one")
        }
        containers[0] = .object(container(first))
        guard containers[0]["image"]?.stringValue?.isEmpty == false else {
            throw ActionError(
                "neither the template \(wish.template ?? "") nor the inputs name an image", hint: "give 'image'")
        }
        pod["containers"] = .array(containers)
        return .object(pod)
    }

    private func container(_ old: [String: JSONValue]) -> [String: JSONValue] {
        var container = old
        if let image = wish.image { container["image"] = .string(image) }
        if !wish.command.isEmpty {
            container["command"] = .array(wish.command.map { .string(JobWish.literal($0)) })
            container["args"] = nil
        }
        if !wish.env.isEmpty {
            let names = Set(wish.env.map(\.name))
            let kept = (container["env"]?.arrayValue ?? []).filter { !names.contains($0["name"]?.stringValue ?? "") }
            container["env"] = .array(kept + wish.env.map(\.value))
        }
        if !wish.resources.isEmpty {
            var resources = container["resources"]?.objectValue ?? [:]
            for (name, amounts) in wish.resources {
                let old = resources[name]?.objectValue ?? [:]
                resources[name] = .object(old.merging(amounts.objectValue ?? [:]) { $1 })
            }
            container["resources"] = .object(resources)
        }
        if let user = wish.user {
            var security = container["securityContext"]?.objectValue ?? [:]
            security["runAsUser"] = .int(Int64(user))
            container["securityContext"] = .object(security)
        }
        return container
    }

    /// The profile "restricted" of kubernetes.io/docs/concepts/security/pod-security-standards, without a token.
    private static let safePod: [String: JSONValue] = [
        "restartPolicy": "Never", "automountServiceAccountToken": false, "enableServiceLinks": false,
        "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
        "containers": [
            [
                "name": .string(JobWish.container),
                "securityContext": ["allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]]],
            ]
        ],
    ]
}
