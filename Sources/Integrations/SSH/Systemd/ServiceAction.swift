import Domain

/// `ssh.service` and `ssh.service-state`. Looking is an action of its own, which runs also while all changes are frozen.
enum ServiceAction {
    enum Verb: String, CaseIterable {
        case start, stop, restart
    }

    static func types(_ hosts: any HostAccess) -> [ActionType] {
        [
            ActionType(
                "ssh.service", "Starts, stops or restarts a systemd unit of a host", effect: .changes,
                outputs: outputs + [.init("changed", .flag, "False when it was so already")]
            ) { make(&$0, hosts) },
            ActionType(
                "ssh.service-state", "Tells how a systemd unit of a host is", effect: .reads, outputs: outputs
            ) { UnitStateAction(unit: UnitTarget(&$0, hosts)) },
        ]
    }

    private static let outputs: [ActionType.Output] = [
        .init("active", .text(nil), "systemd's ActiveState: active, inactive, failed, …"),
        .init("sub", .text(nil), "systemd's SubState: running, dead, exited, …"),
        .init("enabled", .text(nil), "Whether it starts with the host: enabled, disabled, static, …"),
        .init("result", .text(nil), "How its last run ended: success, exit-code, timeout, …"),
    ]

    private static func make(_ input: inout InputReader, _ hosts: any HostAccess) -> any Action {
        let unit = UnitTarget(&input, hosts)
        return switch input.choice("do", "What to do", of: Verb.self) {
        case .stop: UnitAction(unit: unit, wish: .stop)
        case .restart: UnitRestartAction(unit: unit)
        // Without one there is a problem, and it is not run.
        case .start, nil: UnitAction(unit: unit, wish: .start)
        }
    }
}
