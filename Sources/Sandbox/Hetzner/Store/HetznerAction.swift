import Domain
import Foundation

/// A change that takes time: running from `start` until `end`.
struct HetznerAction: Sendable {
    /// Why it failed: Hetzner's code and words.
    struct Failure: Error, Sendable {
        var code: String
        var message: String
    }

    let id: Int
    /// `create_server`, `attach_volume`.
    let command: String
    /// What it changes, the first one foremost.
    let resources: [HetznerReference]
    /// False for what comes about by itself: a server that has been asked to shut down.
    var isShown = true
    let start: Date
    var end: Date
    /// Takes effect when it begins to be worked on.
    var onStart: (@Sendable (inout HetznerState, Date) -> Void)?
    /// Takes effect when it ends; throws `Failure`.
    var onEnd: (@Sendable (inout HetznerState, Date) throws -> Void)?
    /// Takes effect instead when it fails.
    var onFailure: (@Sendable (inout HetznerState, Date) -> Void)?
    var hasBegun = false
    var isDone = false
    var failure: Failure?
    /// Fails when its time has come.
    var fails: Failure?

    var status: String { isDone ? (failure == nil ? "success" : "error") : "running" }

    func json(_ now: Date) -> JSONValue {
        let whole = end.timeIntervalSince(start)
        let part = whole <= 0 ? 99 : Int(now.timeIntervalSince(start) / whole * 100)
        return [
            "id": .int(Int64(id)), "command": .string(command), "status": .string(status),
            "progress": .int(isDone ? 100 : Int64(min(max(part, 0), 99))), "started": HetznerState.time(start),
            "finished": isDone ? HetznerState.time(end) : .null,
            "resources": .array(
                resources.map { ["id": .int(Int64($0.id)), "type": .string($0.kind.singular)] }),
            "error": failure.map { ["code": .string($0.code), "message": .string($0.message)] } ?? .null,
        ]
    }
}
