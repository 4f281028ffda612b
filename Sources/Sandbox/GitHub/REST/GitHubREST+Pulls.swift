import Domain

extension GitHubREST {
    /// docs.github.com/rest/pulls/pulls
    var pullRoutes: [GitHubRoute] {
        [
            GitHubRoute("GET", "repos/:owner/:repo/pulls") { call in try pulls(call) },
            GitHubRoute("GET", "repos/:owner/:repo/pulls/:number") { call in
                let repository = try world.repository(call.repositoryName)
                guard let pull = repository.pulls[try call.number("number")] else { throw GitHubError.notFound }
                return .json(200, .object(call.shape.pull(pull, repository, world.snapshot)))
            },
            GitHubRoute("GET", "repos/:owner/:repo/issues/:number") { call in
                let repository = try world.repository(call.repositoryName)
                guard let pull = repository.pulls[try call.number("number")] else { throw GitHubError.notFound }
                return .json(200, .object(call.shape.issue(pull, repository, world.snapshot)))
            },
            GitHubRoute("GET", "repos/:owner/:repo/commits/*ref/pulls") { call in
                let repository = try world.repository(call.repositoryName)
                let commit = try commit(call.parameter("ref"), repository)
                let found = repository.pulls.values.filter {
                    $0.headSHA == commit.sha || $0.mergeCommitSHA == commit.sha
                }
                return list(call, found.sorted { $0.number < $1.number }.map { listed($0, repository, call) })
            },
        ]
    }

    private func listed(
        _ pull: GitHubStandIn.PullRequest, _ repository: GitHubRepository, _ call: GitHubCall
    ) -> JSONValue {
        .object(call.shape.pull(pull, repository, world.snapshot, isListed: true))
    }

    private func pulls(_ call: GitHubCall) throws -> SandboxAnswer {
        let repository = try world.repository(call.repositoryName)
        var found = Array(repository.pulls.values)
        let state = call.request.query("state") ?? "open"
        guard ["open", "closed", "all"].contains(state) else {
            throw GitHubError.validation("PullRequest", field: "state", code: "invalid")
        }
        if state != "all" { found.removeAll { $0.isOpen != (state == "open") } }
        if let base = call.request.query("base") { found.removeAll { $0.baseBranch != base } }
        if let head = call.request.query("head") {
            // owner:branch
            found.removeAll { pull in
                let owner = pull.headRepository.map { String($0.prefix { $0 != "/" }) } ?? ""
                return "\(owner):\(pull.headBranch)" != head
            }
        }
        let isUpdated = call.request.query("sort") == "updated"
        found.sort { isUpdated ? $0.updatedAt < $1.updatedAt : $0.number < $1.number }
        if call.request.query("direction") != "asc" { found.reverse() }
        return list(call, found.map { listed($0, repository, call) })
    }
}
