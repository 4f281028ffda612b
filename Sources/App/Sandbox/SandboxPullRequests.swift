import Domain
import Sandbox

/// Where the sandbox' pull requests are: a repository, its CI, and the registry in which CI puts images.
struct SandboxPullRequests: Sendable {
    static let repository = "acme/analytics-api"
    /// Its webhook.
    static let hookID = 292_430_182
    /// The registry's name in images: `registry.example.com/acme/analytics-api:<commit>`. It is answered here alone.
    static let registryName = "registry.example.com"
    /// Who pulls.
    static let registryUser = "defimon-bot"

    let github: GitHubStandIn
    let registry: RegistryStandIn
    private let images: SandboxImages

    /// `root` is the folder whose `deploy/` is what the repository holds.
    init(_ secrets: SandboxSettings.Secrets, root: String?, send: @escaping BotConnection) {
        registry = RegistryStandIn(
            .init(username: SandboxPullRequests.registryUser, password: secrets.registryPassword))
        let images = SandboxImages(registry: registry)
        self.images = images
        var seed = GitHubStandIn.Seed(owner: "acme", name: "analytics-api")
        seed.collaborators = ["olivia": "maintain", "victor": "read"]
        seed.files = ["README.md": .text("# The analytics API\n")]
        if let root {
            seed.files.merge(GitHubStandIn.files(inFolder: "\(root)/deploy", prefix: "deploy")) { $1 }
        }
        var configuration = GitHubStandIn.Configuration(
            token: secrets.githubToken,
            hooks: [GitHubStandIn.Hook(id: SandboxPullRequests.hookID, secret: secrets.githubWebhook)],
            users: SandboxPeople.onGitHub, repositories: [seed])
        configuration.onWorkflowSuccess = { images.publish($0, $1) }
        github = GitHubStandIn(configuration, send: send)
    }

    /// What the page shows.
    var page: SandboxRepository {
        SandboxRepository(github: github, name: SandboxPullRequests.repository, registry: registry)
    }

    var switches: [SandboxFailureSwitch] {
        github.failureSwitches + registry.failureSwitches + [images.failureSwitch]
    }
}
