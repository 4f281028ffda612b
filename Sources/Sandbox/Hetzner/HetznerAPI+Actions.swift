import Domain
import Foundation

extension HetznerAPI {
    /// Actions of all kinds, by their numbers.
    var actionMethods: [HetznerMethod] {
        [
            HetznerMethod("get_actions", "GET", "actions") { call in
                try world.read { state, now in
                    let ids = call.queries("id").compactMap(Int.init)
                    guard !ids.isEmpty else { throw HetznerError.invalid("id", "is required") }
                    guard ids.count <= HetznerPage.most else {
                        throw HetznerError.invalid("id", "must be at most \(HetznerPage.most) items")
                    }
                    return .json(200, ["actions": .array(ids.compactMap { state.action($0) }.map { $0.json(now) })])
                }
            },
            HetznerMethod("get_action", "GET", "actions/{action_id}") { call in
                try world.read { state, now in try HetznerAPI.answer(state.action(call), now: now) }
            },
        ]
    }

    /// Actions of one kind, and of one thing.
    func actionMethods(of kind: HetznerKind) -> [HetznerMethod] {
        guard kind.hasActions else { return [] }
        let (plural, singular) = (kind.rawValue, kind.singular)
        return [
            HetznerMethod("list_\(plural)_actions", "GET", "\(plural)/actions") { call in
                try world.read { state, now in
                    let all = state.shownActions { $0.kind == kind }
                    return try HetznerPage(all.map { $0.json(now) }, "actions", call).answer()
                }
            },
            HetznerMethod("get_\(plural)_action", "GET", "\(plural)/actions/{action_id}") { call in
                try world.read { state, now in
                    try HetznerAPI.answer(state.action(call) { $0.kind == kind }, now: now)
                }
            },
            HetznerMethod("list_\(singular)_actions", "GET", "\(plural)/{id}/actions") { call in
                try world.read { state, now in
                    let reference = try state.found(kind, call.id).reference
                    let all = state.shownActions { $0 == reference }
                    return try HetznerPage(all.map { $0.json(now) }, "actions", call).answer()
                }
            },
            HetznerMethod("get_\(singular)_action", "GET", "\(plural)/{id}/actions/{action_id}") { call in
                try world.read { state, now in
                    let reference = try state.found(kind, call.id).reference
                    return try HetznerAPI.answer(state.action(call) { $0 == reference }, now: now)
                }
            },
        ]
    }

    private static func answer(_ action: HetznerAction, now: Date) -> SandboxAnswer {
        .json(200, ["action": action.json(now)])
    }
}

extension HetznerState {
    /// An action that the API tells of.
    func action(_ id: Int) -> HetznerAction? { actions[id].flatMap { $0.isShown ? $0 : nil } }

    fileprivate func shownActions(_ isOf: (HetznerReference) -> Bool) -> [HetznerAction] {
        actions.values.filter { $0.isShown && $0.resources.contains(where: isOf) }.sorted { $0.id < $1.id }
    }

    fileprivate func action(
        _ call: HetznerCall, _ isOf: (HetznerReference) -> Bool = { _ in true }
    ) throws -> HetznerAction {
        let text = call.parameters["action_id"] ?? ""
        guard let action = Int(text).flatMap({ self.action($0) }), action.resources.contains(where: isOf) else {
            throw HetznerError(404, "not_found", "action with ID '\(text)' not found")
        }
        return action
    }
}
