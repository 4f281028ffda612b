import Domain

/// Starts or stops a unit. Nothing is done when it is so already.
struct UnitAction: RepeatableAction, Plannable {
    enum Wish: Sendable, Hashable {
        case start, stop
    }

    let unit: UnitTarget
    let wish: Wish

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let state = try await unit.state(context)
        return switch wish {
        case .start where !state.isUp: ActionPlan(changes: ["\(unit.title): \(state.words) → started"])
        case .stop where !state.isDown: ActionPlan(changes: ["\(unit.title): \(state.words) → stopped"])
        case .start, .stop: ActionPlan(changes: [])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let before = try await unit.state(context)
        switch wish {
        case .start where before.isUp, .stop where before.isDown:
            return unit.outputs(before, changed: false, "is \(before.words) already")
        case .start:
            context.progress("\(unit.title) starts")
            try await unit.ask("start", context)
            let after = try await unit.state(context)
            guard after.hasStarted else {
                throw await unit.failure("was started and is \(after.words): \(after.result)", context)
            }
            return unit.outputs(after, changed: true, "is \(after.words)")
        case .stop:
            context.progress("\(unit.title) stops")
            try await unit.ask("stop", context)
            let after = try await unit.state(context)
            guard after.isDown else { throw await unit.failure("was stopped and is \(after.words)", context) }
            // It is down; how it went is told: one that had to be killed may have lost something.
            let end = after.result == "success" ? "" : ", and its last run ended with: \(after.result)"
            return unit.outputs(after, changed: true, "is \(after.words)\(end)")
        }
    }
}
