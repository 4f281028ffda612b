import Domain

/// Restarts a unit once: which run of it was there before is written down first, and systemd is asked only while that
/// run goes on.
struct UnitRestartAction: RemoteOperation, Plannable {
    let unit: UnitTarget

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let state = try await unit.state(context)
        return ActionPlan(changes: ["\(unit.title): \(state.isUp ? "restarted" : "\(state.words) → started")"])
    }

    /// Changes nothing yet.
    func start(_ context: ActionContext) async throws -> JSONValue {
        ["before": .string(try await unit.state(context).run)]
    }

    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus {
        guard let before = handle["before"]?.stringValue else { return .gone }
        var state = try await unit.state(context)
        if state.run == before {
            // A restart that is under way is not asked for again.
            guard !state.hasJob else {
                return .running(progress: "\(unit.title) is \(state.words)", askAgainAfter: .seconds(2))
            }
            context.progress("\(unit.title) restarts")
            do { try await unit.ask("restart", context) } catch let error as ActionError {
                guard case .never = error.retry else { throw error }
                return .failed(error)
            }
            state = try await unit.state(context)
        }
        if state.hasJob { return .running(progress: "\(unit.title) is \(state.words)", askAgainAfter: .seconds(2)) }
        guard state.hasStarted else {
            return .failed(await unit.failure("was restarted and is \(state.words): \(state.result)", context))
        }
        return .done(unit.outputs(state, changed: true, "was restarted and is \(state.words)"))
    }

    /// Without a handle nothing was asked for.
    func find(_ context: ActionContext) async throws -> OperationSearch { .notStarted }
}
