import Domain

/// Waits until workloads are rolled out.
struct RolloutWaitAction: RepeatableAction {
    private let target: ClusterTarget
    private let namespace: String
    private let workloads: Set<RolloutBoard.Name>
    private let untilStarted: Bool

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.rollout-wait", "Waits until workloads are rolled out, or says why they will not be",
            effect: .reads, outputs: [.init("ready", .integer(nil), "How many workloads are rolled out")]
        ) { RolloutWaitAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the workloads", pattern: NamePattern.label)
        let texts = input.texts("workloads", "Workloads such as Deployment/api; all of the namespace when left out")
        let kinds = ResourceType.workloads.map(\.kind)
        var names: Set<RolloutBoard.Name> = []
        for text in texts {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, NamePattern.subdomain?.matches(parts[1]) != false,
                let kind = kinds.first(where: { $0.lowercased() == parts[0].lowercased() })
            else {
                input.report(
                    "'\(text)' is no workload", field: "workloads",
                    fix: "write it as Kind/name, where Kind is one of \(kinds.joined(separator: ", "))")
                continue
            }
            names.insert(.init(kind: kind, name: parts[1]))
        }
        workloads = names
        untilStarted = input.flag(
            "started", "It is enough that the new pods run for a while; that they are ready is not waited for")
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let doing = "the rollout in namespace \(namespace) cannot be watched"
        let verdict = try await target.attempt(doing) { client in
            try await RolloutWait(
                client: client, namespace: namespace, wanted: workloads, context: context, untilStarted: untilStarted
            ).verdict()
        }
        switch verdict {
        case .ready(let ready): return result(ready)
        case .missing(let name):
            throw ActionError(
                "\(name) is not in namespace \(namespace) of cluster \(target.cluster)",
                hint: "check the name; something else may have deleted it")
        case .stalled(let stall): throw await explained(stall)
        }
    }

    private func result(_ ready: [ClusterObject]) -> JSONValue {
        let lines = ready.map { workload in
            let counts = RolloutState(workload)?.counts
            return "\(workload.kind)/\(workload.name) \(counts.map { "\($0.ready)/\($0.wanted)" } ?? "")"
        }
        let count = ready.count == 1 ? "1 workload is" : "\(ready.count) workloads are"
        // Of one that was named its pods are what somebody wants to know.
        let pods = ready.count == 1 && !workloads.isEmpty ? RolloutState(ready[0])?.counts : nil
        let share = pods.map { ", \($0.ready) of \($0.wanted) pods" } ?? ""
        if untilStarted, ready.contains(where: { !RolloutState.isDone($0) }) {
            let names = ready.map { "\($0.kind)/\($0.name)" }.joined(separator: ", ")
            return [
                "ready": .int(Int64(ready.count { RolloutState.isDone($0) })),
                "summary": .string("\(names) runs and is not ready yet"),
                "details": .string(lines.joined(separator: "\n")),
            ]
        }
        return [
            "ready": .int(Int64(ready.count)),
            "summary": .string(ready.isEmpty ? "no workloads in namespace \(namespace)" : "\(count) ready\(share)"),
            "details": .string(lines.joined(separator: "\n")),
        ]
    }

    private func explained(_ stall: Stall) async -> ActionError {
        var stall = stall
        var details: String?
        if let pod = stall.pod, let client = try? target.client() {  // it was there a moment ago
            stall.message += await StallEvents(client: client, namespace: namespace).words(stall)
            details = await PodStory(client: client, namespace: namespace)
                .text(pod: pod, container: stall.container, isPrevious: stall.hasPreviousLog)
        }
        return ActionError("\(stall.workload): \(stall.message)", hint: stall.hint, details: details)
    }
}
