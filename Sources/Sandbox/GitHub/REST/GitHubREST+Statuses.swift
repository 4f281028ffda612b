import Domain

extension GitHubREST {
    /// Statuses of one commit in one context.
    static let maxStatuses = 1000

    /// docs.github.com/rest/commits/statuses, and the commit itself, whose path would take the others' too
    var statusRoutes: [GitHubRoute] {
        [
            GitHubRoute("POST", "repos/:owner/:repo/statuses/:sha") { call in try createCommitStatus(call) },
            GitHubRoute("GET", "repos/:owner/:repo/commits/*ref/status") { call in try combined(call) },
            GitHubRoute("GET", "repos/:owner/:repo/commits/*ref/statuses") { call in
                let repository = try world.repository(call.repositoryName)
                let commit = try commit(call.parameter("ref"), repository)
                return list(
                    call,
                    repository.statuses.filter { $0.sha == commit.sha }.reversed().map { status in
                        var members = call.shape.status(status, repository)
                        members["creator"] = call.shape.user(status.creator)
                        return .object(members)
                    })
            },
            commitRoute,
        ]
    }

    private func createCommitStatus(_ call: GitHubCall) throws -> SandboxAnswer {
        let (members, user, sha) = (try GitHubMembers(call), try call.user(), call.parameter("sha"))
        guard let state = try members.choice("state", of: ["error", "failure", "pending", "success"]) else {
            throw GitHubError.missing("state")
        }
        let description = try members.bounded("description", "Status", 140)
        let context = try members.bounded("context", "Status", 255) ?? "default"
        let target = try members.text("target_url")
        if let target, !target.hasPrefix("http://"), !target.hasPrefix("https://") {
            throw GitHubError.validation(
                "Status", field: "target_url", code: "custom", message: "target_url must use http(s) scheme")
        }
        let status = try world.change(call.repositoryName) { repository, all in
            guard repository.commits[sha] != nil else { throw GitHubError(422, "No commit found for SHA: \(sha)") }
            guard repository.statuses.count(where: { $0.sha == sha && $0.context == context }) < GitHubREST.maxStatuses
            else {
                throw GitHubError.validation(
                    "Status", field: "sha", code: "custom",
                    message: "This SHA and context has reached the maximum number of statuses.")
            }
            let status = GitHubStandIn.CommitStatus(
                id: all.nextID(), sha: sha, context: context, state: state, description: description,
                targetURL: target, creator: user, createdAt: world.now)
            repository.statuses.append(status)
            return status
        }
        var shown = call.shape.status(status, try world.repository(call.repositoryName))
        shown["creator"] = call.shape.user(user)
        return created(shown)
    }

    /// The newest status of each context, and what they come to; `pending` when there is none.
    private func combined(_ call: GitHubCall) throws -> SandboxAnswer {
        let repository = try world.repository(call.repositoryName)
        let commit = try commit(call.parameter("ref"), repository)
        var newest: [String: GitHubStandIn.CommitStatus] = [:]
        for status in repository.statuses where status.sha == commit.sha { newest[status.context] = status }
        let all = newest.values.sorted { $0.id < $1.id }
        let state =
            all.contains { ["failure", "error"].contains($0.state) }
            ? "failure" : all.isEmpty || all.contains { $0.state == "pending" } ? "pending" : "success"
        let url = call.shape.url(repository)
        return .json(
            200,
            [
                "state": .string(state), "sha": .string(commit.sha), "total_count": GitHubShape.number(all.count),
                "statuses": .array(all.map { .object(call.shape.status($0, repository)) }),
                "repository": .object(call.shape.minimal(repository)),
                "commit_url": .string("\(url)/commits/\(commit.sha)"),
                "url": .string("\(url)/commits/\(commit.sha)/status"),
            ])
    }
}
