package import Domain
import ServiceLifecycle

/// Slack on the loopback address: the Web API and response URLs over HTTP, and slash commands and button presses sent
/// to the bot as Slack sends them, signed.
package final class SlackStandIn: Service {
    package struct Configuration: Sendable {
        /// What the bot must present (`xoxb-…`).
        package var botToken: Secret
        /// With which requests to the bot are signed.
        package var signingSecret: Secret
        package var channels: [SlackChannel]
        package var users: [SlackUser]
        /// Slack waits that long for the answer to a command or a press.
        package var patience: Duration = .seconds(3)

        package init(botToken: Secret, signingSecret: Secret, channels: [SlackChannel], users: [SlackUser]) {
            self.botToken = botToken
            self.signingSecret = signingSecret
            self.channels = channels
            self.users = users
        }
    }

    /// 429, 500, cut connections, slow answers.
    package let faults: SandboxFaults
    let configuration: Configuration
    let workspace: SlackWorkspace
    let responseURLs: SlackResponseURLs
    let openViews: SlackViews
    let time: any TimeSource
    let send: BotConnection
    private let limit: SlackPostingLimit
    private let server: SandboxServer

    package init(_ configuration: Configuration, time: any TimeSource = SystemTime(), send: @escaping BotConnection) {
        self.configuration = configuration
        self.time = time
        self.send = send
        let faults = SandboxFaults(time: time)
        let limit = SlackPostingLimit(time: time)
        let workspace = SlackWorkspace(channels: configuration.channels, users: configuration.users, time: time)
        let responseURLs = SlackResponseURLs(workspace: workspace, time: time)
        let openViews = SlackViews(time: time, changes: workspace.changes)
        let api = SlackWebAPI(
            workspace: workspace, views: openViews, token: configuration.botToken, limit: limit,
            url: { "https://\(SlackTeam.domain).slack.example" })
        server = SandboxServer("slack") { request in
            try await faults.play(
                tooManyRequests: SlackWebAPI.rateLimited,
                internalError: { .text(500, "Internal Server Error\n") },
                normal: {
                    switch request.path.split(separator: "/").first {
                    case _ where request.method != "POST" && request.method != "GET":
                        .text(405, "method not allowed\n", headers: [("Allow", "GET, POST")])
                    case "api": await api.answer(request)
                    case "commands", "actions": responseURLs.answer(request)
                    default: .text(404, "not found\n")
                    }
                })
        }
        self.faults = faults
        self.limit = limit
        self.workspace = workspace
        self.responseURLs = responseURLs
        self.openViews = openViews
    }

    /// Serves until the service group ends.
    package func run() async throws { try await server.run() }

    /// `http://127.0.0.1:PORT`, to which `/api/chat.postMessage` is added; waits until it listens.
    package func url() async throws -> String { try await server.url() }

    package var channels: [SlackChannel] { workspace.channels }
    package var users: [SlackUser] { workspace.users }
    /// Counts every new, edited and deleted message.
    package var changes: ChangeCounter { workspace.changes }

    /// Messages of a channel, by id or name, oldest first; thread replies and private answers among them.
    package func messages(in channel: String) -> [SlackMessage] {
        workspace.messages(in: workspace.channel(named: channel)?.id ?? channel)
    }

    /// The replies under a message, oldest first.
    package func thread(of ts: String, in channel: String) -> [SlackMessage] {
        messages(in: channel).filter { $0.threadTS == ts }
    }

    /// Removes all messages, and closes all modals.
    package func clear() {
        openViews.clear()
        workspace.clear()
    }

    /// The least time between two messages in a channel, beyond which the API answers 429; nil (at first): any.
    package var postingInterval: Duration? {
        get { limit.interval }
        set { limit.interval = newValue }
    }
}
