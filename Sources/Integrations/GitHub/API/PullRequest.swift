/// A pull request, as the API tells it.
struct PullRequest: Decodable, Sendable {
    struct Side: Decodable, Sendable {
        struct Repository: Decodable, Sendable {
            var id: Int
            var name: String
            var fullName: String
        }

        var ref: String
        var sha: String
        /// Nil when a fork was deleted.
        var repo: Repository?
    }
    struct User: Decodable, Sendable { var login: String }

    var number: Int
    var state: String
    var title: String
    var htmlUrl: String
    var merged: Bool?
    var mergedAt: String?
    /// Nil when the account is gone.
    var user: User?
    var head: Side
    var base: Side

    /// Whether its commits are of another repository, or of one that is gone.
    var isFork: Bool { head.repo == nil || head.repo?.id != base.repo?.id }
    var isMerged: Bool { merged ?? (mergedAt != nil) }
}

extension GitHubClient {
    func pullRequest(_ number: Int, of repository: RepositoryName) async throws -> PullRequest {
        try await send(GitHubCall(repository, "/pulls/\(number)")).decode(PullRequest.self)
    }
}
