import Domain
import Foundation

/// Waits, by watches, until workloads are rolled out, or says at once why they will not be.
struct RolloutWait: Sendable {
    /// How often it looks again without a change, because a trouble that lasts becomes a stall.
    static let look = Duration.seconds(5)

    var client: KubernetesClient
    var namespace: String
    /// Empty: all workloads of the namespace.
    var wanted: Set<RolloutBoard.Name>
    var context: ActionContext
    /// Whether it is enough that the new pods run.
    var untilStarted = false

    /// Throws `KubernetesError`, or `CancellationError`.
    func verdict() async throws -> RolloutBoard.Verdict {
        let types = ResourceType.workloads.filter { type in
            wanted.isEmpty || wanted.contains { $0.kind == type.kind }
        }
        let kinds = Set(types.map(\.kind))
        let helpers = [ResourceType.pods, .replicaSets].filter { RolloutBoard.helpers(of: kinds).contains($0.kind) }
        let board = RolloutBoard(
            wanted: wanted, kinds: kinds, time: context.time, untilStarted: untilStarted,
            progress: context.progress)
        return try await withThrowingTaskGroup(of: RolloutBoard.Verdict.self) { group in
            for type in types + helpers {
                group.addTask {
                    let feed = ObjectFeed(
                        client: client, type: type, namespace: namespace, labels: nil, fields: nil, time: context.time)
                    return try await feed.until(keep: RolloutBoard.keep) { await board.take($0, of: type.kind) }
                }
            }
            group.addTask { try await looks(board) }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func looks(_ board: RolloutBoard) async throws -> RolloutBoard.Verdict {
        while true {
            try await context.time.sleep(for: RolloutWait.look)
            if let verdict = await board.look() { return verdict }
            for workload in await board.withoutPods() {
                if let message = await refusal(of: workload) { return .stalled(.notCreated(workload, message)) }
            }
        }
    }

    /// Why the controller cannot create pods. Only Deployments say it in their status; others in events alone.
    func refusal(of workload: ClusterObject) async -> String? {
        let fields = "involvedObject.kind=\(workload.kind),involvedObject.name=\(workload.name),reason=FailedCreate"
        // Without the right to read events it waits on, as it would without any event.
        guard let list = try? await client.list(.events, namespace: namespace, fields: fields) else { return nil }
        let recent = context.time.now.addingTimeInterval(-60)
        let refusals = list.objects.filter { event in
            event.text("reason") == "FailedCreate" && event.text("involvedObject", "name") == workload.name
                && (event.text("involvedObject", "uid").map { $0 == workload.uid } ?? true)
                && (event.lastSeen ?? .distantPast) > recent
        }
        // Where each try has a pod's name of its own, each has an event of its own.
        let count = refusals.reduce(0) { $0 + ($1.number("count") ?? $1.number("series", "count") ?? 1) }
        return count >= 2 ? refusals.last?.text("message") : nil
    }
}

extension ClusterObject {
    /// When an Event happened last.
    var lastSeen: Date? {
        ClusterTime.parse(text("series", "lastObservedTime")) ?? ClusterTime.parse(text("lastTimestamp"))
            ?? ClusterTime.parse(text("eventTime")) ?? ClusterTime.parse(text("metadata", "creationTimestamp"))
    }
}
