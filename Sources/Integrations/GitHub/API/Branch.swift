/// A branch and its head, as the API tells them.
struct Branch: Decodable, Sendable {
    struct Commit: Decodable, Sendable { var sha: String }

    var name: String
    var commit: Commit
}

extension GitHubClient {
    /// A branch; nil: the repository's default one.
    func branch(_ name: String?, of repository: RepositoryName) async throws -> Branch {
        struct Repository: Decodable { var defaultBranch: String }
        var wanted = name
        if wanted == nil {
            wanted = try await send(GitHubCall(repository, "")).decode(Repository.self).defaultBranch
        }
        let path = "/branches/" + GitHubCall.encoded(wanted ?? "", keeping: "/")
        return try await send(GitHubCall(repository, path)).decode(Branch.self)
    }
}
