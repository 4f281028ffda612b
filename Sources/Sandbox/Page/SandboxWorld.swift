package import Domain

/// All that the sandbox's page shows and can change.
package struct SandboxWorld: Sendable {
    /// A link at the top of the page.
    package struct Link: Sendable, Hashable {
        package var title: String
        package var url: String

        package init(title: String, url: String) {
            self.title = title
            self.url = url
        }
    }

    package var slack: SlackStandIn
    package var alerts: AlertSender
    package var ethereum: EthereumStandIn
    /// Where pull requests are; nil shows none.
    package var repository: SandboxRepository?
    /// The switches of all systems, in the order of the page.
    package var switches: [SandboxFailureSwitch]
    /// The jobs, newest first, in the form of `SandboxJobs.json`.
    package var jobs: @Sendable () async -> JSONValue
    package var links: [Link]
    /// Command lines that are offered to type.
    package var suggestions: [String]

    /// Without `switches`, those of Slack, the nodes, GitHub and its registry are taken.
    package init(
        slack: SlackStandIn, alerts: AlertSender, ethereum: EthereumStandIn, repository: SandboxRepository? = nil,
        switches: [SandboxFailureSwitch]? = nil, links: [Link] = [],
        suggestions: [String] = [
            "/defimon deploy analytics", "/defimon status analytics", "/defimon restart-geth geth-0", "/defimon jobs",
            "/defimon help", "/defimon deploy analytics --plan", "/defimon deploy ml",
        ],
        jobs: @escaping @Sendable () async -> JSONValue
    ) {
        self.slack = slack
        self.alerts = alerts
        self.ethereum = ethereum
        self.repository = repository
        self.switches =
            switches ?? slack.failureSwitches + ethereum.failureSwitches
            + (repository?.github.failureSwitches ?? []) + (repository?.registry?.failureSwitches ?? [])
        self.links = links
        self.suggestions = suggestions
        self.jobs = jobs
    }
}
