import Domain

/// The systemd unit of a host that an action works on.
struct UnitTarget: Sendable {
    /// Lines of its journal that people get when it fails.
    private static let journalLines = 40

    /// systemd.unit(5): letters, digits and these signs. Constant and compiles, which a test shows.
    static let pattern = try? Pattern("[A-Za-z0-9][A-Za-z0-9:_.@\\\\-]{0,254}")

    let target: HostTarget
    let unit: String

    init(_ input: inout InputReader, _ hosts: any HostAccess) {
        target = HostTarget(&input, hosts)
        unit = input.text(
            "unit", "The unit, such as geth.service", pattern: UnitTarget.pattern)
    }

    var title: String { "host \(target.host): \(unit)" }

    /// Throws `ActionError` also when there is no such unit, or it may not be started.
    func state(_ context: ActionContext) async throws -> UnitState {
        let text = try await target.read(
            ["systemctl", "show", "--property=\(UnitState.properties.joined(separator: ","))", "--", unit], context)
        guard let state = UnitState(text) else {
            throw ActionError("\(title): systemctl answers nothing that can be read", details: text)
        }
        guard state.load == "loaded" else {
            throw ActionError(
                "\(title) cannot be used: systemd calls it \(state.load)",
                hint: state.load == "not-found" ? "list what is there: systemctl list-unit-files" : nil)
        }
        return state
    }

    /// `systemctl start`, `stop` or `restart`, which return when it is done. Throws `ActionError`, with the last lines of
    /// its journal.
    func ask(_ verb: String, _ context: ActionContext) async throws {
        do {
            try await target.change(["systemctl", verb, "--", unit], context)
        } catch var error as ActionError {
            if case .never = error.retry, error.mayHaveTakenEffect, let lines = await journal(context) {
                error.details = [error.details, lines].compactMap { $0 }.joined(separator: "\n")
            }
            throw error
        }
    }

    /// Why it is not as it should be, with the last lines of its journal.
    func failure(_ what: String, _ context: ActionContext) async -> ActionError {
        ActionError("\(title) \(what)", mayHaveTakenEffect: true, details: await journal(context))
    }

    /// Nil when it cannot be had: it is only an addition.
    private func journal(_ context: ActionContext) async -> String? {
        let lines = try? await target.read(
            ["journalctl", "--no-pager", "--lines=\(UnitTarget.journalLines)", "--output=short-iso", "--unit=\(unit)"],
            context)
        return lines.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `changed` is nil where it was only looked.
    func outputs(_ state: UnitState, changed: Bool? = nil, _ summary: String) -> JSONValue {
        var outputs: [String: JSONValue] = [
            "active": .string(state.active), "sub": .string(state.sub), "enabled": .string(state.enabled),
            "result": .string(state.result), "summary": .string("\(title) \(summary)"),
        ]
        if let changed { outputs["changed"] = .bool(changed) }
        return .object(outputs)
    }
}
