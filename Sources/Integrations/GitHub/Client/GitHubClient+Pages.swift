extension GitHubClient {
    /// Pages of one list unless the caller says otherwise.
    static let maxPages = 25
    /// Entries of one page, the most that GitHub gives.
    static let perPage = 100

    /// All entries of a list, page by page; `entries` takes them out of one page and may end the walk by `false`. Lists
    /// of more than `maxPages` pages are an error that says so.
    func pages(
        _ first: GitHubCall, maxPages: Int = GitHubClient.maxPages, _ entries: (GitHubReply) throws -> Bool
    ) async throws {
        var call = first
        if !call.query.contains(where: { $0.name == "per_page" }) {
            call.query.append(("per_page", String(GitHubClient.perPage)))
        }
        for _ in 0..<maxPages {
            let reply = try await send(call)
            guard try entries(reply), let next = reply.next else { return }
            guard let path = root.path(of: next) else {
                throw GitHubFailure("GitHub's next page is at another server, which is not asked")
            }
            call.path = path
            call.query = []
        }
        throw GitHubFailure("the list has more than \(maxPages) pages, and no more are read")
    }
}
