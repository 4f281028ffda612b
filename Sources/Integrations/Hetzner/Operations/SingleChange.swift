import Domain
import Foundation

/// An action that makes one change of one thing at Hetzner. Hetzner knows no keys of requests: before the request leaves
/// it is kept which of the thing's actions was the newest, so that what began later is known as this step's.
protocol SingleChange: RemoteOperation, Plannable {
    var cloud: HetznerConnection { get }
    /// What cannot be done when something fails: `server web-1 cannot be stopped`.
    var doing: String { get }
    /// By which the thing is known before it is looked up: `servers/web-1`.
    var key: String { get }
    /// What Hetzner calls the actions that come of it: `stop_server`.
    var commands: Set<String> { get }
    /// Whether the thing is gone afterwards.
    var isDeletion: Bool { get }
    /// Looks, and says what has to be done.
    func prepare(_ client: HetznerClient, _ context: ActionContext) async throws -> Preparation
    /// Whether what Hetzner has done shows, once its actions are over.
    func isDone(_ client: HetznerClient, _ handle: JSONValue) async throws -> Bool
    /// The outputs when it is done.
    func outputs(_ client: HetznerClient, _ handle: JSONValue) async throws -> [String: JSONValue]
}

/// What one change would be.
enum Preparation: Sendable {
    /// It is as wanted; says so for people.
    case nothing(String)
    /// The call, the path of the thing, what is kept with its handle, and the line and notes of the plan.
    case change(HetznerCall, of: String, keep: [String: JSONValue] = [:], line: String, notes: [String] = [])
}

extension SingleChange {
    var isDeletion: Bool { false }
    func isDone(_ client: HetznerClient, _ handle: JSONValue) async throws -> Bool { true }

    private var keptKey: String { "begun/hetzner/\(key)" }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            switch try await prepare(client, context) {
            case .nothing: ActionPlan(changes: [])
            case .change(_, _, _, let line, let notes):
                ActionPlan(changes: [line], deletions: isDeletion ? 1 : 0, notes: notes)
            }
        }
    }

    func start(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt(doing, changes: true) { client in
            switch try await prepare(client, context) {
            case .nothing(let why): return ["nothing": .string(why)]
            case .change(let call, let path, let keep, let line, _):
                var begun = keep
                begun["step"] = .string(context.idempotencyKey)
                begun["path"] = .string(path)
                begun["line"] = .string(line)
                begun["after"] = .int(Int64(try await newest(client, path)?.id ?? 0))
                begun["started"] = .int(context.time.now.microseconds)
                try await context.kept.set(keptKey, .object(begun))
                let operations = HetznerOperation.all(in: try await client.send(call))
                return handle(begun, operations)
            }
        }
    }

    func find(_ context: ActionContext) async throws -> OperationSearch {
        guard let begun = try await context.kept.value(keptKey)?.value?.objectValue,
            begun["step"]?.stringValue == context.idempotencyKey, let path = begun["path"]?.stringValue
        else { return .notStarted }
        return try await cloud.attempt("\(doing): its action cannot be looked for") { client in
            let after = begun["after"]?.intValue ?? 0
            // One that failed is begun anew by whoever runs the step again.
            let ours = try await recent(client, path)?.filter {
                $0.id > after && commands.contains($0.command) && $0.failure == nil
            }
            if let ours { return ours.max { $0.id < $1.id }.map { .found(handle: handle(begun, [$0])) } ?? .notStarted }
            return isDeletion ? .found(handle: handle(begun, [])) : .notStarted
        }
    }

    /// What was begun of this step before, for what is worked out from the thing as it was then.
    func begun(_ context: ActionContext) async throws -> JSONValue? {
        let kept = try await context.kept.value(keptKey)?.value
        return kept?["step"]?.stringValue == context.idempotencyKey ? kept : nil
    }

    private func handle(_ begun: [String: JSONValue], _ operations: [HetznerOperation]) -> JSONValue {
        var handle = begun
        handle["actions"] = .array(operations.map { .int(Int64($0.id)) })
        return .object(handle)
    }

    private func newest(_ client: HetznerClient, _ path: String) async throws -> HetznerOperation? {
        try await recent(client, path)?.max { $0.id < $1.id }
    }

    /// The thing's last actions; nil when it is gone.
    private func recent(_ client: HetznerClient, _ path: String) async throws -> [HetznerOperation]? {
        let query = [HetznerCall.Parameter("sort", "id:desc"), .init("per_page", "25")]
        return try await client.find(HetznerCall("GET", "\(path)/actions", query: query)).map(HetznerOperation.all)
    }

    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus {
        try await cloud.attempt(doing, changes: true) { client in
            do { return try await status(handle, client, context) } catch let failure as HetznerFailure
                where failure.isTransient
            {
                return .running(progress: nil, askAgainAfter: max(failure.retryAfter ?? .zero, .seconds(5)))
            }
        }
    }

    private func status(_ handle: JSONValue, _ client: HetznerClient, _ context: ActionContext) async throws
        -> OperationStatus
    {
        if let why = handle["nothing"]?.stringValue {
            var outputs = try await outputs(client, handle)
            outputs["changed"] = false
            outputs["summary"] = .string(why)
            return .done(.object(outputs))
        }
        let ids = (handle["actions"]?.arrayValue ?? []).compactMap(\.intValue)
        let operations = try await client.look(ids)
        if let failure = operations.compactMap(\.failure).first {
            var error = failure.actionError(doing, changes: true)
            // The same action would be looked at for ever.
            error.retry = .never
            return .failed(error)
        }
        guard operations.count == ids.count else {
            // A new one may show late.
            let started = Date(microseconds: Int64(handle["started"]?.intValue ?? 0))
            return context.time.now.since(started) < .seconds(60)
                ? .running(progress: nil, askAgainAfter: .seconds(2)) : .gone
        }
        if let open = operations.first(where: { !$0.isDone }) {
            return .running(progress: "\(open.progress) %", askAgainAfter: .seconds(2))
        }
        guard try await isDone(client, handle) else { return .running(progress: nil, askAgainAfter: .seconds(2)) }
        var outputs = try await outputs(client, handle)
        outputs["changed"] = true
        outputs["summary"] = outputs["summary"] ?? .string(handle["line"]?.stringValue ?? "done")
        return .done(.object(outputs))
    }
}
