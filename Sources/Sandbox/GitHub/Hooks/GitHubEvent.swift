import Domain

/// One event as GitHub's webhooks say it, the same for every hook.
struct GitHubEvent: Sendable {
    /// `X-GitHub-Event`.
    var name: String
    /// Empty where the event has none.
    var action: String
    var members: [String: JSONValue]
    /// Where it happened.
    var repository: GitHubRepository

    init(
        _ name: String, _ action: String = "", _ repository: GitHubRepository, by sender: String, _ shape: GitHubShape,
        _ state: GitHubState, _ members: [String: JSONValue]
    ) {
        self.name = name
        self.action = action
        self.repository = repository
        self.members = members
        if !action.isEmpty { self.members["action"] = .string(action) }
        self.members["repository"] = members["repository"] ?? .object(shape.repository(repository))
        self.members["sender"] = shape.user(sender, state)
        if repository.owner.kind == .organization {
            self.members["organization"] = shape.organization(repository.owner)
        }
    }
}
