import Domain

/// The last lines that the containers of a workload's pods wrote.
struct LogsAction: RepeatableAction {
    /// Pods whose lines are shown.
    static let mostPods = 10
    /// Bytes that are shown of one container, and of all together.
    static let mostBytes = 16 * 1024
    static let mostBytesInAll = 128 * 1024

    private let target: ClusterTarget
    private let choice: WorkloadPods
    private let container: String?
    private let isPrevious: Bool
    private let since: Duration
    private let lines: Int

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.logs", "Shows the last lines that the containers of a workload's pods wrote", effect: .reads,
            outputs: [
                .init("pods", .integer(nil), "How many pods it has"),
                .init("lines", .integer(nil), "How many lines are shown"),
            ]
        ) { LogsAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        choice = WorkloadPods(&input)
        container = input.optionalText(
            "container", "Only this container; all of each pod when left out", pattern: NamePattern.label)
        isPrevious = input.flag("previous", "Of the run before this one, which tells why a container ended")
        since = input.duration("since", "Only what is younger than this; 0s is all", default: .zero)
        lines = input.integer("lines", "How many of each container", in: 1...1000, default: 50)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt("the logs of \(choice.title) cannot be read") { client in
            let (workload, pods) = try await choice.find(client)
            var parts: [String] = []
            var shown = 0
            var bytes = 0
            for pod in pods.prefix(LogsAction.mostPods) {
                for name in try containers(of: pod) {
                    guard bytes < LogsAction.mostBytesInAll else { break }
                    context.progress("reads \(pod.name)")
                    let text = await log(pod.name, name, client)
                    bytes += text.utf8.count
                    shown += text.split(separator: "\n").count
                    parts.append("== pod \(pod.name), container \(name)\(isPrevious ? ", run before" : "")\n\(text)")
                }
            }
            if bytes >= LogsAction.mostBytesInAll {
                parts.append("more is not shown: name a pod or a container, or ask for fewer lines")
            }
            if pods.count > LogsAction.mostPods {
                let rest = pods.dropFirst(LogsAction.mostPods)
                parts.append(
                    "and \(rest.count) more pods: " + rest.prefix(20).map(\.name).joined(separator: ", "))
            }
            let count = pods.count == 1 ? "1 pod" : "\(pods.count) pods"
            return [
                "pods": .int(Int64(pods.count)), "lines": .int(Int64(shown)),
                "summary": .string("\(workload.title): \(shown) lines of \(count)"),
                "details": .string(parts.isEmpty ? "it has no pods" : parts.joined(separator: "\n\n")),
            ]
        }
    }

    /// Those that come first in time first. Throws when the one that is wanted is not there.
    private func containers(of pod: ClusterObject) throws(ActionError) -> [String] {
        let all = ["initContainers", "containers"].flatMap { pod["spec", $0]?.arrayValue ?? [] }
            .compactMap { $0["name"]?.stringValue }
        guard let container else { return all }
        guard all.contains(container) else {
            throw ActionError(
                "pod \(pod.name) has no container \(container)", hint: "name one of \(all.joined(separator: ", "))")
        }
        return [container]
    }

    /// What cannot be read of one container is said in its place, for the others may tell as much.
    private func log(_ pod: String, _ container: String, _ client: KubernetesClient) async -> String {
        do {
            let text = try await client.logs(
                namespace: choice.namespace, pod: pod, container: container, previous: isPrevious, lines: lines,
                limitBytes: LogsAction.mostBytes, since: since > .zero ? since : nil)
            let trimmed = String(text.trimmed)
            return trimmed.isEmpty ? "(nothing)" : trimmed
        } catch {
            return "(cannot be read: \((error as? KubernetesError)?.message ?? "\(error)"))"
        }
    }
}
