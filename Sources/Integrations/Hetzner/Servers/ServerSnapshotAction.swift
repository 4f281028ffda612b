import Domain
import Foundation

/// Makes an image of a server's disk.
struct ServerSnapshotAction: RemoteOperation, Plannable {
    /// The label that says until when it is kept: a date.
    static let keepLabel = "defimon-keep-until"
    static let keeping = Duration.seconds(86_400)...Duration.seconds(366 * 86_400)

    private let cloud: HetznerConnection
    private let target: ServerTarget
    private let keep: Duration

    static func type(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.server-snapshot", "Makes an image of a server's disk, without its volumes", effect: .changes,
            outputs: [
                .init("image", .text(nil), "Its number, as hetzner.server-rebuild takes it"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { ServerSnapshotAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        target = ServerTarget(&input)
        keep = input.duration(
            "keep", "How long it is kept, 1d to 366d; a label says until when", default: .seconds(7 * 86_400))
        if !Self.keeping.contains(keep) { input.report("'keep' must be from 1d to 366d", field: "keep") }
    }

    private var doing: String { "no snapshot of \(target.title)" }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            _ = try await target.owned(client)
            return ActionPlan(changes: ["\(target.title): a snapshot, kept \(DurationText.human(keep))"])
        }
    }

    func start(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt(doing, changes: true) { client in
            let path = ServerTarget.path(of: try await target.owned(client))
            let until = String(context.time.now.advanced(by: keep).rfc3339.prefix(10))
            let labels = HetznerMark.labels(target.pool, context).merging([Self.keepLabel: .string(until)]) { $1 }
            let answer = try await client.send(
                .action(
                    "create_image", of: path,
                    [
                        "type": "snapshot", "labels": .object(labels),
                        "description": .string("\(target.name), kept until \(until)"),
                    ]))
            guard let handle = Self.handle(answer["image"]) else {
                throw ActionError("\(doing): Hetzner's answer is no image", mayHaveTakenEffect: true)
            }
            return handle
        }
    }

    private static func handle(_ image: JSONValue?) -> JSONValue? { image?["id"].map { ["image": $0] } }

    /// By its labels: names of images are nothing that the API takes.
    func find(_ context: ActionContext) async throws -> OperationSearch {
        try await cloud.attempt("\(doing): it cannot be looked for") { client in
            let selector = "\(HetznerMark.step)=\(HetznerMark.step(context))"
            let found = try await client.list(
                "images", [.init("type", "snapshot"), .init("label_selector", selector)])
            return Self.handle(found.first).map { .found(handle: $0) } ?? .notStarted
        }
    }

    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus {
        guard let number = handle["image"]?.intValue else { return .gone }
        return try await cloud.attempt(doing, changes: true) { client in
            do {
                let image = try await client.find(HetznerCall("GET", "images/\(number)"))?["image"]
                switch image?["status"]?.stringValue {
                case "available":
                    return .done([
                        "image": .string(String(number)),
                        "summary": .string(
                            "image \(number) of \(target.title) is kept \(DurationText.human(keep))"),
                    ])
                case "creating": return .running(progress: nil, askAgainAfter: .seconds(5))
                case nil: return .gone
                case let status?: return .failed(ActionError("\(doing): image \(number) is \(status)"))
                }
            } catch let failure as HetznerFailure where failure.isTransient {
                return .running(progress: nil, askAgainAfter: max(failure.retryAfter ?? .zero, .seconds(5)))
            }
        }
    }
}
