extension GitHubStandIn {
    /// GitHub's failures, for the page.
    package var failureSwitches: [SandboxFailureSwitch] {
        [
            failure("500", "Answers 500", "Every request fails with an internal error.", .internalError),
            failure("404", "Answers 404", "Everything is gone, as when a token lost its repository.", .notFound),
            failure("empty", "Lists are empty", "Every list has nothing in it, as after an outage.", .emptyList),
            failure(
                "rate", "Rate limit used up", "Every request gets 403 with no request left for a minute.",
                .primaryRateLimit),
            failure(
                "secondary", "Secondary rate limit", "Every request gets 403 with Retry-After: 60.",
                .secondaryRateLimit),
            failure("401", "Token is refused", "Every request gets 401 Bad credentials.", .unauthorized),
            failure("reset", "Cuts connections", "Every connection is reset before anything is done.", .reset),
            SandboxFailureSwitch(
                id: "github.slow", system: "GitHub", label: "Slow, 2 s", help: "Every request takes two seconds.",
                isOn: { [failures] in failures.delay != nil },
                set: { [failures] in failures.delay = $0 ? .seconds(2) : nil }),
            SandboxFailureSwitch(
                id: "github.lose", system: "GitHub", label: "Loses webhooks",
                help: "No event reaches the bot; GitHub notes that it could not connect.",
                isOn: { [weak self] in self?.deliveryLoss == .onTheWay },
                set: { [weak self] isOn in self?.deliveryLoss = isOn ? .onTheWay : nil }),
            SandboxFailureSwitch(
                id: "github.hold", system: "GitHub", label: "Holds webhooks back",
                help: "No event reaches the bot; switched off, they come in the reverse order.",
                isOn: { [weak self] in self?.isHoldingDeliveries ?? false },
                set: { [weak self] isOn in
                    self?.isHoldingDeliveries = isOn
                    if !isOn, let self { await self.release(self.heldDeliveries.reversed()) }
                }),
        ]
    }

    private func failure(_ id: String, _ label: String, _ help: String, _ kind: Failures.Kind) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "github.\(id)", system: "GitHub", label: label, help: help,
            isOn: { [failures] in failures.isOn(kind) },
            set: { [failures] in $0 ? failures.set(kind) : failures.clear(kind) })
    }
}
