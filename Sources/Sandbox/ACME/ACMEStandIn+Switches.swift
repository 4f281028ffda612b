extension ACMEStandIn {
    /// The authority's failures, for the page.
    package var failureSwitches: [SandboxFailureSwitch] {
        [
            counted("503", "Answers 503", "Every request fails, as while the authority is down.", .unavailable),
            counted("500", "Answers 500", "Every request fails with serverInternal.", .serverInternal),
            counted(
                "429", "Orders are limited", "Every new order is refused with rateLimited, for a day.", .rateLimited,
                "newOrder"),
            counted("reset", "Connections are cut", "Requests are cut before anything is done.", .reset),
            counted(
                "lost", "Answers are lost", "Requests take effect, and their connection is cut.", .resetAfterwards),
            counted("invalid", "Orders fail", "Every order turns invalid when it is finalized.", .invalidOrder),
            toggle(
                "nonce", "Half of the nonces is refused", "Every second request gets badNonce.", \.refusedNonces, 0, 50),
            toggle("unproven", "Proofs are not found", "No proof of control is accepted.", \.unproven, [], ["*"]),
            toggle("processing", "Slow, 30 s", "Orders stay in processing for thirty seconds.", \.processing, 0, 30),
        ]
    }

    private func counted(
        _ id: String, _ label: String, _ help: String, _ kind: ACMEFailures.Kind, _ methods: String = ""
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "acme.\(id)", system: "Certificates", label: label, help: help,
            isOn: { self.failures.counts[kind] != nil },
            set: { isOn in self.failures.counts[kind] = isOn ? FailureCount(methods: methods) : nil })
    }

    private func toggle<Value: Equatable & Sendable>(
        _ id: String, _ label: String, _ help: String,
        _ member: any WritableKeyPath<ACMEFailures, Value> & Sendable, _ off: Value, _ on: Value
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "acme.\(id)", system: "Certificates", label: label, help: help,
            isOn: { self.failures[keyPath: member] != off },
            set: { isOn in self.failures[keyPath: member] = isOn ? on : off })
    }
}
