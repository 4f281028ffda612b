import Domain

extension SandboxPageRoutes {
    /// What a new pull request is about, in turn.
    private static let titles = [
        "Add a price endpoint", "Cache the pool statistics", "Retry after a lost connection", "Show fees in gwei",
        "Speed up the daily report", "Mend the time zone of charts",
    ]
    /// The longest comment that the page sends, in bytes.
    private static let maxComment = 10_000

    /// Does on GitHub what a person or CI does there. The body: `action`, `user` (as in the chat), and as the action
    /// needs them `number` and `text`.
    func github(_ body: JSONValue) async throws {
        guard let place = world.repository else { throw SandboxInputError("this sandbox has no GitHub") }
        let (github, name) = (place.github, place.name)
        let login = try login(body, github)
        switch try text("action", body) {
        case "open", "fork":
            let count = github.pullRequests(in: name).count
            let title = SandboxPageRoutes.titles[count % SandboxPageRoutes.titles.count]
            let branch = title.lowercased().split(separator: " ").joined(separator: "-") + "-\(count + 1)"
            try await github.openPullRequest(
                repository: name, branch: branch, fromFork: body["action"] == "fork", title: title, author: login)
        case "main": try await github.pushToDefaultBranch(repository: name, by: login)
        case "push":
            let (number, pull) = try pull(body, place)
            let count = github.workflowRuns(of: pull.headSHA, repository: name).count
            try await github.push(number, repository: name, message: count > 0 ? "Take up the review" : "Mend it")
        case "pass": try await finish("success", body, place)
        case "fail": try await finish("failure", body, place)
        case "close": try await github.close(try pull(body, place).0, repository: name, by: login)
        case "merge": try await github.merge(try pull(body, place).0, repository: name, by: login)
        case "reopen": try await github.reopen(try pull(body, place).0, repository: name, by: login)
        case "comment":
            let line = try text("text", body)
            guard line.utf8.count <= SandboxPageRoutes.maxComment else {
                throw SandboxInputError("the comment is longer than 10,000 bytes")
            }
            try await github.comment(on: try pull(body, place).0, repository: name, by: login, text: line)
        default: throw SandboxInputError("GitHub's part of the page knows no action '\(try text("action", body))'")
        }
    }

    /// Ends the run for a pull request's head, or without `number` for the default branch's.
    private func finish(_ conclusion: String, _ body: JSONValue, _ place: SandboxRepository) async throws {
        let commit =
            body["number"] == nil || body["number"] == .null
            ? place.github.defaultHead(of: place.name) ?? "" : try pull(body, place).1.headSHA
        try await place.github.finishWorkflow(repository: place.name, commit: commit, conclusion: conclusion)
    }

    private func pull(
        _ body: JSONValue, _ place: SandboxRepository
    ) throws -> (Int, GitHubStandIn.PullRequest) {
        guard let number = body["number"]?.intValue else { throw SandboxInputError("the body lacks the 'number'") }
        return (number, try place.github.pull(number, place.name))
    }

    /// The account of a person of the chat: the one of the same name.
    private func login(_ body: JSONValue, _ github: GitHubStandIn) throws -> String {
        let id = try text("user", body)
        guard let name = world.slack.users.first(where: { $0.id == id })?.name,
            let account = github.people.first(where: { $0.login == name })
        else { throw SandboxInputError("there is no person '\(id)' on GitHub") }
        return account.login
    }
}
