extension HetznerStandIn {
    /// Hetzner's failures, for the page.
    package var failureSwitches: [SandboxFailureSwitch] {
        [
            counted("503", "Answers 503", "Every request fails with unavailable.", .unavailable),
            counted("429", "Answers 429", "Every request is refused with rate_limit_exceeded.", .rateLimited),
            counted("401", "The token is refused", "The token is refused, as after it was deleted.", .unauthorized),
            counted("locked", "Everything is locked", "Every change is refused with locked.", .locked),
            counted("conflict", "Conflicts", "Every change is refused with conflict.", .conflict),
            counted("maintenance", "Maintenance", "Every change is refused with maintenance.", .maintenance),
            counted(
                "reset", "Answers are lost", "Requests take effect, and their connection is cut.", .resetAfterwards),
            toggle(
                "exhausted", "fsn1 is sold out", "Falkenstein has no server and no volume to give.", \.exhausted, [],
                ["fsn1"]),
            toggle("limit", "The limit is reached", "No server more in the project.", \.limits, [:], ["servers": 0]),
            toggle("stuck", "Actions stand still", "What was begun does not go on.", \.stuckActions, false, true),
            toggle(
                "failing", "Servers cannot be made", "The next two servers that are ordered fail.", \.failingActions,
                [:], ["create_server": 2]),
            toggle("slow", "Slow, 2 s", "Every request takes two seconds.", \.delay, 0, 2000),
        ]
    }

    private func counted(
        _ id: String, _ label: String, _ help: String, _ kind: HetznerFailures.Kind
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "hetzner.\(id)", system: "Hetzner", label: label, help: help,
            isOn: { self.failures.counts[kind] != nil },
            set: { isOn in self.failures.counts[kind] = isOn ? .init() : nil })
    }

    private func toggle<Value: Equatable & Sendable>(
        _ id: String, _ label: String, _ help: String,
        _ member: any WritableKeyPath<HetznerFailures, Value> & Sendable, _ off: Value, _ on: Value
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "hetzner.\(id)", system: "Hetzner", label: label, help: help,
            isOn: { self.failures[keyPath: member] != off },
            set: { isOn in self.failures[keyPath: member] = isOn ? on : off })
    }
}
