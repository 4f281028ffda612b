import Domain

/// An action that makes one change of Compute Engine, by one operation whose id is the step's own key.
protocol SingleChange: RemoteOperation, Plannable {
    var cloud: CloudConnection { get }
    /// What cannot be done when something fails: `instance web-1 cannot be stopped`.
    var doing: String { get }
    /// Where its operation is: `projects/acme/zones/europe-west3-a`.
    func scope(_ client: GoogleCloudClient) throws(ActionError) -> String
    /// Looks, and says what has to be done.
    func prepare(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> Preparation
    /// Called before the request leaves, with what `prepare` wants to keep: what must be known after a crash.
    func willStart(_ keep: [String: JSONValue], _ client: GoogleCloudClient, _ context: ActionContext) async throws
    /// The outputs when it is done; `handle` is what `prepare` gave.
    func outputs(_ client: GoogleCloudClient, _ handle: JSONValue) async throws -> [String: JSONValue]
}

/// What one change would be.
enum Preparation: Sendable {
    /// It is as wanted; says so for people.
    case nothing(String)
    /// The call, what is kept with its handle, and the line and notes of the plan.
    case change(GoogleCall, keep: [String: JSONValue], line: String, notes: [String] = [])
}

extension SingleChange {
    func willStart(_ keep: [String: JSONValue], _ client: GoogleCloudClient, _ context: ActionContext) async throws {}

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            switch try await prepare(client, context) {
            case .nothing: ActionPlan(changes: [])
            case .change(_, _, let line, let notes): ActionPlan(changes: [line], notes: notes)
            }
        }
    }

    func start(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt(doing, changes: true) { client in
            switch try await prepare(client, context) {
            case .nothing(let why): return OperationHandle.nothing(why)
            case .change(let call, let keep, let line, _):
                try await willStart(keep, client, context)
                let operation = try await client.start(
                    call, requestID: RequestID.of(context), parent: try scope(client))
                return OperationHandle.with(
                    operation, keep.merging(["line": .string(line)]) { $1 }, now: context.time.now)
            }
        }
    }

    func find(_ context: ActionContext) async throws -> OperationSearch {
        try await cloud.attempt("\(doing): its operation cannot be looked for") { client in
            let found = try await client.operation(requestID: RequestID.of(context), parent: try scope(client))
            return found.map { .found(handle: $0.handle) } ?? .notStarted
        }
    }

    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus {
        try await cloud.attempt(doing, changes: true) { client in
            if let why = OperationHandle.isNothing(handle) {
                var outputs = try await outputs(client, handle)
                outputs["changed"] = false
                outputs["summary"] = .string(why)
                return .done(.object(outputs))
            }
            let found: CloudOperation?
            do { found = try await client.look(handle) } catch let failure as GoogleFailure where failure.isTransient {
                return .running(progress: nil, askAgainAfter: max(failure.retryAfter ?? .zero, .seconds(5)))
            }
            guard let operation = found else { return OperationHandle.notShown(handle, now: context.time.now) }
            guard operation.isDone else {
                let progress = operation.progress.map { "\($0) %" }
                return .running(progress: progress, askAgainAfter: OperationHandle.pause)
            }
            if let failure = operation.failure {
                var error = failure.actionError(doing, changes: true)
                // The same id would give the same failure for ever.
                error.retry = .never
                return .failed(error)
            }
            var outputs = try await outputs(client, handle)
            outputs["changed"] = true
            outputs["summary"] = outputs["summary"] ?? .string(handle["line"]?.stringValue ?? "done")
            if !operation.warnings.isEmpty {
                outputs["details"] = .string(operation.warnings.joined(separator: "\n"))
            }
            return .done(.object(outputs))
        }
    }
}
