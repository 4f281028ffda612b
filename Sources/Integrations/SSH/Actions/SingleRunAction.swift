import Domain

/// Runs a program once and never again: after a crash in its middle nobody can tell whether it ran.
struct SingleRunAction: RemoteOperation, Plannable, StoppableAction {
    /// How long it waits before it tries again to connect.
    private static let pauses: [Duration] = [.seconds(5), .seconds(15), .seconds(30)]

    let wish: RunWish

    func plan(_ context: ActionContext) async throws -> ActionPlan { ActionPlan(changes: [wish.planned]) }

    /// Returns when the program has ended: its handle is what became of it.
    func start(_ context: ActionContext) async throws -> JSONValue {
        for pause in SingleRunAction.pauses {
            do {
                return wish.outputs(try await wish.run(isRepeatable: false, context))
            } catch let error as ActionError {
                // Tried again here and not by the engine, which must take each start for one that may have run.
                guard case .later = error.retry, !error.mayHaveTakenEffect else { throw SingleRunAction.final(error) }
                context.progress("\(error.message); tries again")
                try await context.time.sleep(for: pause)
            }
        }
        do { return wish.outputs(try await wish.run(isRepeatable: false, context)) } catch let error as ActionError {
            throw SingleRunAction.final(error)
        }
    }

    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus { .done(handle) }

    func find(_ context: ActionContext) async throws -> OperationSearch { .cannotTell }

    func stop(_ context: ActionContext) async throws { try await wish.target.end(context) }

    private static func final(_ error: ActionError) -> ActionError {
        var error = error
        error.retry = .never
        return error
    }
}
