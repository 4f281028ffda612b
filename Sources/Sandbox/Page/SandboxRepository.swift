/// The repository whose pull requests the page shows, and the registry in which its workflow puts images.
package struct SandboxRepository: Sendable {
    package var github: GitHubStandIn
    /// `acme/analytics-api`.
    package var name: String
    package var registry: RegistryStandIn?
    /// The image's name in the registry, whose tags are commits: `acme/analytics-api`.
    package var image: String

    package init(github: GitHubStandIn, name: String, registry: RegistryStandIn? = nil, image: String? = nil) {
        self.github = github
        self.name = name
        self.registry = registry
        self.image = image ?? name
    }
}
