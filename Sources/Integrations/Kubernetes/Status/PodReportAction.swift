import Domain

/// Says what is wrong with a pod, and whose it is.
struct PodReportAction: RepeatableAction {
    private let target: ClusterTarget
    private let namespace: String
    private let pod: String

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.pod-report", "Says what is wrong with a pod, with its last log lines and events",
            effect: .reads,
            outputs: [
                .init("reason", .text(nil), "CrashLoopBackOff, OOMKilled, ImagePullBackOff, Running, …"),
                .init("workload_kind", .text(nil), "Kind of the workload that the pod belongs to"),
                .init("workload_name", .text(nil), "Name of that workload"),
            ]
        ) { PodReportAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the pod", pattern: NamePattern.label)
        pod = input.text("pod", "Name of the pod", pattern: NamePattern.subdomain)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt("pod \(namespace)/\(pod) cannot be looked at") { client in
            let found = try await client.get(.pods, namespace: namespace, name: pod)
            let condition = PodCondition(found)
            let workload = try await self.workload(of: found, client)
            let story = await PodStory(client: client, namespace: namespace).text(
                pod: pod, container: condition.troubled?.container,
                isPrevious: condition.troubled?.isPrevious ?? false)
            let details = condition.lines.joined(separator: "\n") + (story.isEmpty ? "" : "\n\n" + story)
            let what = "\(pod) of \(workload.kind)/\(workload.name)"
            let restarts = condition.restarts == 1 ? "1 restart" : "\(condition.restarts) restarts"
            return [
                "reason": .string(condition.reportedReason), "workload_kind": .string(workload.kind),
                "workload_name": .string(workload.name), "details": .string(details),
                "summary": .string("\(what): \(condition.reportedReason), \(restarts)"),
            ]
        }
    }

    /// Up the chain of owners: a ReplicaSet belongs to a Deployment, a Job perhaps to a CronJob. A pod of its own is
    /// its own workload.
    private func workload(of pod: ClusterObject, _ client: KubernetesClient) async throws -> (
        kind: String, name: String
    ) {
        guard let owner = pod.controller else { return ("Pod", pod.name) }
        let type: ResourceType? = owner.kind == "ReplicaSet" ? .replicaSets : owner.kind == "Job" ? .jobs : nil
        guard let type, let found = try await client.find(type, namespace: namespace, name: owner.name),
            let top = found.controller
        else { return (owner.kind, owner.name) }
        return (top.kind, top.name)
    }
}
