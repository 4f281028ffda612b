package import Domain
import Foundation
import ServiceLifecycle

/// GitHub on the loopback address: repositories, pull requests, comments, deployments and checks by its REST API, and
/// what people and CI do, sent to the bot as signed webhooks.
package final class GitHubStandIn: Service {
    package struct Configuration: Sendable {
        /// A user's token; empty when only the App may ask.
        package var token: Secret
        /// Whose token that is.
        package var tokenUser = User(id: 90_000_001, login: "defimon-bot")
        package var app: App?
        package var hooks: [Hook]
        package var users: [User]
        package var repositories: [Seed]
        /// Requests an hour of one account; GitHub's 5,000.
        package var rateLimit = 5000
        /// GitHub waits that long for the bot's answer to a delivery.
        package var patience: Duration = .seconds(10)
        /// Called when a run succeeded, before the bot hears of it: what the run built is there by then.
        package var onWorkflowSuccess: @Sendable (_ repository: String, _ commit: String) async -> Void = { _, _ in }

        package init(
            token: Secret, app: App? = nil, hooks: [Hook], users: [User] = [], repositories: [Seed]
        ) {
            self.token = token
            self.app = app
            self.hooks = hooks
            self.users = users
            self.repositories = repositories
        }
    }

    /// What goes wrong when it is asked to.
    package let failures = Failures()
    let configuration: Configuration
    let world: GitHubWorld
    let hooks: GitHubHooks
    let archives: GitHubArchives
    let authority: GitHubAuthority
    private let server: SandboxServer

    package init(_ configuration: Configuration, time: any TimeSource = SystemTime(), send: @escaping BotConnection) {
        self.configuration = configuration
        var state = GitHubState(users: configuration.users + [configuration.tokenUser])
        if let app = configuration.app { state.add(app.bot) }
        for seed in configuration.repositories { state.addRepository(seed, now: time.now.microseconds) }
        let world = GitHubWorld(state, time: time)
        let hooks = GitHubHooks(hooks: configuration.hooks, patience: configuration.patience, world: world, send: send)
        let archives = GitHubArchives(world: world)
        let authority = GitHubAuthority(
            token: configuration.token, user: configuration.tokenUser, app: configuration.app, time: time)
        let rest = GitHubREST(
            world: world, authority: authority, limit: GitHubRateLimit(limit: configuration.rateLimit, time: time),
            failures: failures, hooks: hooks, archives: archives)
        let routes = rest.routes
        let pages = GitHubPages(world: world)
        server = SandboxServer("github") { [failures] request in
            if let page = pages.answer(request) { return page }
            return try await GitHubStandIn.answer(request, failures, time) {
                request.path.hasPrefix("/codeload/")
                    ? archives.answer(request) : await rest.answer(request, routes: routes)
            }
        }
        self.world = world
        self.hooks = hooks
        self.archives = archives
        self.authority = authority
    }

    /// Serves, and sends what requests brought about, until the service group ends.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.server.run() }
            group.addTask { await cancelWhenGracefulShutdown { await self.hooks.run() } }
            try await group.waitForAll()
        }
    }

    /// `http://127.0.0.1:PORT`, which takes the place of `https://api.github.com`; waits until it listens.
    package func url() async throws -> String { try await server.url() }

    /// Counts everything that changes.
    package var changes: ChangeCounter { world.changes }

    /// Plays a failure, else answers.
    private static func answer(
        _ request: SandboxRequest, _ failures: Failures, _ time: any TimeSource,
        _ normal: () async throws -> SandboxAnswer
    ) async throws -> SandboxAnswer {
        let query = request.query.isEmpty ? "" : "?" + FormCoding.encode(request.query.map { ($0.name, $0.value) })
        failures.note("\(request.method) \(request.path)\(query)")
        if let delay = failures.delay { try await time.sleep(for: delay) }
        guard let failure = failures.take(request.method, request.path) else { return try await normal() }
        let seconds = failures.retryAfter
        var answer =
            switch failure {
            case .reset: SandboxAnswer.reset
            case .resetAfterwards: try await afterwards(normal)
            case .internalError: GitHubError(500, "Server Error").answer
            case .badGateway:
                SandboxAnswer(
                    502, headers: [("Content-Type", "text/html")],
                    body: Array("<html><head><title>502 Bad Gateway</title></head></html>\n".utf8))
            case .unauthorized: GitHubError.badCredentials.answer
            case .notFound: GitHubError.notFound.answer
            case .primaryRateLimit:
                GitHubREST.primaryLimit("user ID 1", reset: Int(time.now.timeIntervalSince1970) + seconds)
            case .secondaryRateLimit: GitHubREST.secondaryLimit(403, retryAfter: seconds)
            case .tooManyRequests: GitHubREST.secondaryLimit(429, retryAfter: seconds)
            case .emptyList: try await normal()
            }
        answer.headers += GitHubREST.commonHeaders
        return answer
    }

    /// The request takes effect, and nobody hears of it.
    private static func afterwards(_ normal: () async throws -> SandboxAnswer) async throws -> SandboxAnswer {
        _ = try await normal()
        return .reset
    }
}
