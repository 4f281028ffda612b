import Domain

/// A comment on an issue or pull request, as the API tells it.
struct IssueComment: Decodable, Sendable {
    struct User: Decodable, Sendable {
        var login: String
        var id: Int
    }

    var id: Int
    var htmlUrl: String
    var body: String?
    /// Nil when the account is gone.
    var user: User?

    /// Whether the bot itself wrote it. Others may write the same marker, and a bot that may push may edit them.
    func isOf(_ account: BotAccount) -> Bool {
        if let userID = account.userID { return user?.id == userID }
        return user?.login.lowercased() == account.login.lowercased()
    }
}

/// The bot's own comments on pull requests and issues.
struct BotComments: Sendable {
    let client: GitHubClient

    /// The bot's comment with the marker, the oldest when there are several; nil when there is none. Reads up to 2,500
    /// comments, which is GitHub's own limit.
    func find(_ marker: CommentMarker, on place: PullRequestPlace) async throws -> IssueComment? {
        let account = try await client.account()
        var found: IssueComment?
        try await client.pages(GitHubCall(place.repository, "/issues/\(place.number)/comments")) { page in
            let comments = try page.decode([IssueComment].self)
            found = comments.first { $0.isOf(account) && marker.marks($0.body ?? "") }
            return found == nil
        }
        return found
    }

    func post(_ body: String, on place: PullRequestPlace) async throws -> IssueComment {
        let call = GitHubCall(
            place.repository, "/issues/\(place.number)/comments", method: "POST", body: ["body": .string(body)])
        return try await client.send(call).decode(IssueComment.self)
    }

    func edit(_ id: Int, _ body: String, in repository: RepositoryName) async throws -> IssueComment {
        let call = GitHubCall(
            repository, "/issues/comments/\(id)", method: "PATCH", body: ["body": .string(body)])
        return try await client.send(call).decode(IssueComment.self)
    }
}
