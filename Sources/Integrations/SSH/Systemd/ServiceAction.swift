import Domain

/// `ssh.service`: what it does, its input `do` says.
enum ServiceAction {
    enum Verb: String, CaseIterable {
        case start, stop, restart, state
    }

    static func type(_ hosts: any HostAccess) -> ActionType {
        ActionType(
            "ssh.service", "Starts, stops or restarts a systemd unit of a host, or tells how it is", effect: .changes,
            outputs: [
                .init("active", .text(nil), "systemd's ActiveState: active, inactive, failed, …"),
                .init("sub", .text(nil), "systemd's SubState: running, dead, exited, …"),
                .init("enabled", .text(nil), "Whether it starts with the host: enabled, disabled, static, …"),
                .init("result", .text(nil), "How its last run ended: success, exit-code, timeout, …"),
                .init("changed", .flag, "False when it was so already"),
            ]
        ) { make(&$0, hosts) }
    }

    private static func make(_ input: inout InputReader, _ hosts: any HostAccess) -> any Action {
        let unit = UnitTarget(&input, hosts)
        let verb = input.choice("do", "What to do; state only looks", of: Verb.self)
        return switch verb {
        case .start: UnitAction(unit: unit, wish: .start)
        case .stop: UnitAction(unit: unit, wish: .stop)
        case .restart: UnitRestartAction(unit: unit)
        case .state, nil: UnitAction(unit: unit, wish: .state)
        }
    }
}
