extension GoogleCloudStandIn {
    /// Google Cloud's failures, for the page.
    package var failureSwitches: [SandboxFailureSwitch] {
        [
            counted("503", "Answers 503", "Every request fails with backendError.", .unavailable),
            counted("429", "Answers 429", "Every request is refused with Retry-After: 1.", .tooManyRequests),
            counted("401", "Tokens are refused", "Every token is refused, as after it was taken back.", .unauthorized),
            counted(
                "reset", "Answers are lost", "Requests take effect, and their connection is cut.", .resetAfterwards),
            toggle(
                "quota", "Quota is used up", "No processor and no gigabyte more in any region.", \.quotas, [:],
                ["CPUS": 0, "SSD_TOTAL_GB": 0, "DISKS_TOTAL_GB": 0]),
            toggle(
                "stockout", "No machine is free", "No zone has a machine to give.", \.stockout, [],
                Set(configuration.regions.values.joined())),
            toggle(
                "permission", "A permission is missing", "The bot may not make disks any more.", \.denied, [],
                ["compute.disks.create"]),
            toggle("stuck", "Operations stand still", "What was begun does not go on.", \.stuckOperations, false, true),
            toggle(
                "late", "New things show late", "What was made is not shown for five seconds.", \.hiddenFor, 0, 5000),
            toggle("slow", "Slow, 2 s", "Every request takes two seconds.", \.delay, 0, 2000),
        ]
    }

    private func counted(
        _ id: String, _ label: String, _ help: String, _ kind: GoogleCloudFailures.Kind
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "google.\(id)", system: "Google", label: label, help: help,
            isOn: { self.failures.counts[kind] != nil },
            set: { isOn in self.failures.counts[kind] = isOn ? .init() : nil })
    }

    private func toggle<Value: Equatable & Sendable>(
        _ id: String, _ label: String, _ help: String,
        _ member: any WritableKeyPath<GoogleCloudFailures, Value> & Sendable, _ off: Value, _ on: Value
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "google.\(id)", system: "Google", label: label, help: help,
            isOn: { self.failures[keyPath: member] != off },
            set: { isOn in self.failures[keyPath: member] = isOn ? on : off })
    }
}
