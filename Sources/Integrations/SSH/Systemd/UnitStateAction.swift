import Domain

/// Tells how a unit is.
struct UnitStateAction: RepeatableAction {
    let unit: UnitTarget

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let state = try await unit.state(context)
        return unit.outputs(state, "is \(state.words)")
    }
}
