/// One status of a commit, as the API tells it.
struct CommitStatus: Decodable, Sendable {
    var context: String
    var state: String
    var description: String?
    var targetUrl: String?
}

extension GitHubClient {
    /// The newest status of one context; nil when there is none.
    func status(_ context: String, of commit: String, in repository: RepositoryName) async throws -> CommitStatus? {
        struct Page: Decodable { var statuses: [CommitStatus] }
        var found: CommitStatus?
        // GitHub tells the newest of each context, and contexts do not tell upper from lower case.
        try await pages(GitHubCall(repository, "/commits/\(commit)/status"), maxPages: 10) { page in
            found = try page.decode(Page.self).statuses.first { $0.context.lowercased() == context.lowercased() }
            return found == nil
        }
        return found
    }
}
