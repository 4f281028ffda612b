package import Domain

extension GitHubStandIn {
    /// A webhook, or the webhook of an App.
    package struct Hook: Sendable {
        /// GitHub's `X-GitHub-Hook-Installation-Target-Type`.
        package enum Target: String, Sendable {
            case repository, organization, integration
        }

        package var id: Int
        package var target: Target
        package var secret: Secret
        /// Where the bot takes it.
        package var path: String

        package init(
            id: Int = 292_430_182, target: Target = .repository, secret: Secret, path: String = "/webhooks/github"
        ) {
            self.id = id
            self.target = target
            self.secret = secret
            self.path = path
        }
    }
}
