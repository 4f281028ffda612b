import Domain
import Foundation

/// Begins a snapshot of a disk, and waits until its content is fixed: then the disk may change while Google copies it.
struct DiskSnapshotAction: RemoteOperation, Plannable {
    /// The label that says until when it is kept: a date.
    static let keepLabel = "defimon-keep-until"
    static let keeping = Duration.seconds(86_400)...Duration.seconds(366 * 86_400)

    private let cloud: CloudConnection
    private let target: DiskTarget
    private let keep: Duration

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.disk-snapshot",
            "Begins a snapshot of a disk, and waits until its content is fixed, not until it is copied",
            effect: .changes,
            outputs: [
                .init("snapshot", .text(nil), "Name of the snapshot"),
                .init("status", .text(nil), "UPLOADING or READY"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { DiskSnapshotAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        target = DiskTarget(&input)
        keep = input.duration(
            "keep", "How long it is kept, 1d to 366d; a label says until when", default: .seconds(7 * 86_400))
        if !DiskSnapshotAction.keeping.contains(keep) {
            input.report("'keep' must be from 1d to 366d", field: "keep")
        }
    }

    private var doing: String { "no snapshot of \(target.title)" }

    /// The disk's name, cut, and the beginning of the step's id: Google takes 63 characters.
    private func name(_ context: ActionContext) -> String {
        let id = RequestID.of(context).filter { $0 != "-" }.prefix(12)
        return "\(target.name.prefix(50))-\(id)"
    }

    private func path(_ client: GoogleCloudClient, _ name: String) -> String {
        "projects/\(client.project)/global/snapshots/\(name)"
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            let target = try await target.resolved(client)
            _ = try await target.owned(client, context)
            return ActionPlan(changes: ["\(target.title): a snapshot, kept \(DurationText.human(keep))"])
        }
    }

    func start(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt(doing, changes: true) { client in
            let target = try await target.resolved(client)
            _ = try await target.owned(client, context)
            let name = name(context)
            let until = context.time.now.advanced(by: keep).rfc3339.prefix(10)
            let body: JSONValue = [
                "name": .string(name), "description": .string(PoolMark.description(target.pool)),
                "labels": [
                    PoolMark.word: .string(target.pool), DiskSnapshotAction.keepLabel: .string(String(until)),
                ],
            ]
            let operation = try await client.start(
                GoogleCall(.compute, "POST", "\(try target.path(client))/createSnapshot", body: body),
                requestID: RequestID.of(context), parent: try target.scope(client))
            return OperationHandle.with(operation, ["snapshot": .string(name)], now: context.time.now)
        }
    }

    func find(_ context: ActionContext) async throws -> OperationSearch {
        try await cloud.attempt("\(doing): it cannot be looked for") { client in
            let name = name(context)
            if try await client.find(GoogleCall(.compute, "GET", path(client, name))) != nil {
                return .found(handle: ["snapshot": .string(name)])
            }
            let found = try await client.operation(
                requestID: RequestID.of(context), parent: try target.scope(client))
            return found.map {
                .found(handle: OperationHandle.with($0, ["snapshot": .string(name)], now: context.time.now))
            } ?? .notStarted
        }
    }

    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus {
        guard let name = handle["snapshot"]?.stringValue else { return .gone }
        return try await cloud.attempt(doing, changes: true) { client in
            do {
                return try await status(handle, name, client, now: context.time.now)
            } catch let failure as GoogleFailure where failure.isTransient {
                return .running(progress: nil, askAgainAfter: max(failure.retryAfter ?? .zero, .seconds(5)))
            }
        }
    }

    private func status(_ handle: JSONValue, _ name: String, _ client: GoogleCloudClient, now: Date)
        async throws -> OperationStatus
    {
        let snapshot = try await client.find(GoogleCall(.compute, "GET", path(client, name)))
        let status = snapshot?["status"]?.stringValue ?? "not there yet"
        if ["UPLOADING", "READY"].contains(status) {
            return .done([
                "snapshot": .string(name), "status": .string(status),
                "summary": .string(
                    "snapshot \(name) of \(target.title) is \(status), kept \(DurationText.human(keep))"),
            ])
        }
        if status == "FAILED" { return .failed(ActionError("\(doing): Google says that \(name) has failed")) }
        guard let operation = try await client.look(handle) else {
            // Found by its name alone: it is being made.
            return snapshot == nil
                ? OperationHandle.notShown(handle, now: now)
                : .running(progress: status, askAgainAfter: OperationHandle.pause)
        }
        if operation.isDone, let failure = operation.failure {
            var error = failure.actionError(doing, changes: true)
            error.retry = .never  // the same id would give the same failure for ever
            return .failed(error)
        }
        return .running(progress: status, askAgainAfter: OperationHandle.pause)
    }
}
