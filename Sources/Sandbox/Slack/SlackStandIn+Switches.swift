extension SlackStandIn {
    /// Slack's failures, for the page.
    package var failureSwitches: [SandboxFailureSwitch] {
        let faults = faults
        return [
            SandboxFailureSwitch(
                id: "slack.429", system: "Slack", label: "Answers 429",
                help: "Every call is refused with Retry-After: 2. Messages come when it is off again.",
                isOn: { faults.isOn(.tooManyRequests) },
                set: { $0 ? faults.tooManyRequests(nil, retryAfter: 2) : faults.clear(.tooManyRequests) }),
            SandboxFailureSwitch(
                id: "slack.500", system: "Slack", label: "Answers 500",
                help: "Every call fails with an internal error.",
                isOn: { faults.isOn(.internalError) },
                set: { $0 ? faults.internalErrors(nil) : faults.clear(.internalError) }),
            SandboxFailureSwitch(
                id: "slack.slow", system: "Slack", label: "Slow, 2 s",
                help: "Every call takes two seconds.",
                isOn: { faults.isSlow }, set: { faults.slow($0 ? .seconds(2) : nil) }),
            SandboxFailureSwitch(
                id: "slack.reset", system: "Slack", label: "Cuts connections",
                help: "Every connection is reset before the call has an effect.",
                isOn: { faults.isOn(.reset) }, set: { $0 ? faults.reset(nil) : faults.clear(.reset) }),
            SandboxFailureSwitch(
                id: "slack.burst", system: "Slack", label: "One message a second",
                help: "Slack's own rule per channel; a faster message gets 429.",
                isOn: { [weak self] in self?.postingInterval != nil },
                set: { [weak self] in self?.postingInterval = $0 ? .seconds(1) : nil }),
        ]
    }
}
