extension EthereumStandIn {
    /// The nodes' failures, for the page.
    package var failureSwitches: [SandboxFailureSwitch] { nodeNames.flatMap(switches) }

    private func switches(of node: String) -> [SandboxFailureSwitch] {
        [
            condition(node, .down, "down", "Down", "Geth cuts every connection. A restart mends it."),
            condition(
                node, .dead, "dead", "Stays down", "Geth cuts every connection. A restart does not mend it."),
            condition(node, .stuck, "stuck", "Head stuck", "No new block arrives. A restart mends it."),
            condition(
                node, .syncing(behind: 5000), "syncing", "Out of sync",
                "5,000 blocks behind, for ever. A restart mends it."),
            SandboxFailureSwitch(
                id: "ethereum.\(node).peers", system: node, label: "Few peers", help: "One peer is left.",
                isOn: { [weak self] in self?.state(of: node).hasFewPeers ?? false },
                set: { [weak self] in self?.setFewPeers(node, $0) }),
            SandboxFailureSwitch(
                id: "ethereum.\(node).slow", system: node, label: "Slow, 3 s",
                help: "Every answer takes three seconds.",
                isOn: { [weak self] in self?.state(of: node).isSlow ?? false },
                set: { [weak self] in self?.setSlow(node, $0) }),
        ] + EthereumFault.allCases.map { fault(node, $0) }
    }

    private func fault(_ node: String, _ fault: EthereumFault) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "ethereum.\(node).\(fault.rawValue)", system: node, label: fault.label, help: fault.help,
            isOn: { [weak self] in self?.state(of: node).has(fault) ?? false },
            set: { [weak self, lasting] in self?.set(node, fault, $0, ago: lasting) })
    }

    /// What is switched on by hand has lasted a while, so that a head which stands still is old at once.
    private var lasting: Duration { .seconds(300) }

    private func condition(
        _ node: String, _ condition: EthereumCondition, _ id: String, _ label: String, _ help: String
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "ethereum.\(node).\(id)", system: node, label: label, help: help,
            isOn: { [weak self] in self?.isSet(node, condition) ?? false },
            set: { [weak self, lasting] in self?.set(node, $0 ? condition : .healthy, ago: lasting) })
    }
}
