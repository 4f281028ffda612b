import Domain

/// Runs a CronJob once, now: makes a Job of its template, as `kubectl create job --from=cronjob/x` does. The Job's name
/// comes from the step's idempotency key, so that a repetition finds it.
struct CronJobTriggerAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let namespace: String
    private let name: String

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.cronjob-trigger", "Runs a CronJob once, now: makes a Job of its template", effect: .changes,
            outputs: [
                .init("job", .text(nil), "The Job's name, for kubernetes.wait"),
                .init("created", .flag, "False when this very step made it before"),
            ]
        ) { CronJobTriggerAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the CronJob", pattern: NamePattern.label)
        name = input.text("name", "Name of the CronJob", pattern: NamePattern.subdomain)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let cronJob = try await client.get(.cronJobs, namespace: namespace, name: name)
            guard try await client.find(.jobs, namespace: namespace, name: jobName(context)) == nil else {
                return ActionPlan(changes: [])
            }
            _ = try await client.create(.jobs, namespace: namespace, job(of: cronJob, context), isDryRun: true)
            return ActionPlan(changes: ["\(title): one Job of it is made now"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            if try await client.find(.jobs, namespace: namespace, name: jobName(context)) != nil {
                return result(context, created: false)
            }
            let cronJob = try await client.get(.cronJobs, namespace: namespace, name: name)
            do {
                _ = try await client.create(.jobs, namespace: namespace, job(of: cronJob, context))
            } catch let error as KubernetesError where error.isAlreadyExists {
                return result(context, created: false)
            }
            return result(context, created: true)
        }
    }

    /// At most 63 characters, for it becomes a label of its pods.
    private func jobName(_ context: ActionContext) -> String {
        let digest = SHA256Digest.of(Array(context.idempotencyKey.utf8))
        let start = String(name.prefix(40)).trimmingSuffix { $0 == "." || $0 == "-" }
        return "\(start)-manual-" + Hex.encode(digest).prefix(10)
    }

    private func job(of cronJob: ClusterObject, _ context: ActionContext) -> JSONValue {
        let template = cronJob["spec", "jobTemplate"]
        var annotations = template?["metadata"]?["annotations"]?.objectValue ?? [:]
        annotations["cronjob.kubernetes.io/instantiate"] = "manual"
        // As kubectl: without blockOwnerDeletion, which would need a right over the CronJob's finalizers.
        let owner: JSONValue = [
            "apiVersion": "batch/v1", "kind": "CronJob", "name": .string(name), "uid": .string(cronJob.uid ?? ""),
            "controller": true,
        ]
        return ClusterObject([
            "apiVersion": "batch/v1", "kind": "Job", "spec": template?["spec"] ?? [:],
            "metadata": [
                "name": .string(jobName(context)), "namespace": .string(namespace),
                "labels": template?["metadata"]?["labels"] ?? [:], "annotations": .object(annotations),
                "ownerReferences": [owner],
            ],
        ]).labelled().json
    }

    private var title: String { "CronJob \(namespace)/\(name)" }
    private var doing: String { "\(title) cannot be run" }

    private func result(_ context: ActionContext, created: Bool) -> JSONValue {
        [
            "job": .string(jobName(context)), "created": .bool(created),
            "summary": .string("Job \(jobName(context)) of \(title) " + (created ? "is made" : "was made before")),
        ]
    }
}

extension ResourceType {
    static let cronJobs = ResourceType("batch/v1", "CronJob", "cronjobs")
}

extension String {
    fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
