import Domain

/// Looks at a pull request, and says no where what was asked for makes no sense any more or may not be.
struct PullRequestAction: RepeatableAction {
    private let target: RepositoryTarget
    private let number: Int
    private let commit: String?
    private let person: String?

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.pull-request",
            "Looks at an open pull request; one that is closed, or whose head is another commit, ends the job as superseded",
            effect: .reads,
            outputs: [
                .init("commit", .text(nil), "The full id of the head commit"),
                .init("short_commit", .text(nil), "Its first seven characters"),
                .init("number", .integer(nil), "The pull request's number"),
                .init("repository", .text(nil), "The repository's full name"),
                .init("branch", .text(nil), "The head's branch"),
                .init("base", .text(nil), "The branch that it is to be merged into"),
                .init("author", .text(nil), "Who opened it, by login name"),
                .init("title", .text(nil), "Its title"),
                .init("url", .text(nil), "Its page"),
                .init("is_fork", .flag, "Whether its commits are of another repository, or of one that is gone"),
                .init("namespace", .text(nil), "A name for its own namespace: pr-42-api"),
            ]
        ) { PullRequestAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        number = input.integer("number", "The pull request's number", in: 1...Int(Int32.max))
        commit = input.textIfAny(
            "commit", "The commit that must be its head, or at least its first seven characters",
            pattern: GitHubName.shortCommit)?.lowercased()
        person = input.textIfAny("person", "Who asks, {{job.person}}; without anybody a fork is refused")
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let pull = try await target.attempt("\(shown) cannot be looked at") { client, repository in
            try await client.pullRequest(number, of: repository)
        }
        guard pull.state == "open" else {
            throw ActionError(
                "\(shown) is \(pull.isMerged ? "merged" : "closed"), so there is nothing to do", isOutdated: true)
        }
        let head = pull.head.sha.lowercased()
        if let commit, !head.hasPrefix(commit) {
            throw ActionError(
                "\(GitHubName.short(commit)) is not the newest commit of \(shown) any more: the head is \(head)",
                hint: "type the command again with the commit \(head)", isOutdated: true)
        }
        try checkFork(pull, head)
        return try outputs(pull, head)
    }

    private func checkFork(_ pull: PullRequest, _ head: String) throws(ActionError) {
        guard pull.isFork else { return }
        guard person != nil else {
            throw ActionError(
                "\(shown) comes from a fork; a maintainer may ask for it after looking at its commits",
                hint: "a maintainer types the command and names the commit: \(head)")
        }
        // Two commits that begin alike are quickly made by somebody who wants to be taken for the other one.
        guard let commit, commit.utf8.count == head.utf8.count else {
            throw ActionError(
                "\(shown) comes from a fork, so the commit that was looked at must be named in full; the head is \(head)",
                hint: "look at the commit, then type the command again with the commit \(head)")
        }
    }

    private func outputs(_ pull: PullRequest, _ head: String) throws(ActionError) -> JSONValue {
        let repository = try target.repository()
        return [
            "commit": .string(head), "short_commit": .string(GitHubName.short(head)),
            "number": .int(Int64(pull.number)),
            "repository": .string(pull.base.repo?.fullName ?? repository.description),
            "branch": .string(pull.head.ref), "base": .string(pull.base.ref),
            "author": .string(pull.user?.login ?? ""), "title": .string(GitHubText.line(pull.title, atMost: 255)),
            "url": .string(pull.htmlUrl), "is_fork": .bool(pull.isFork),
            "namespace": .string(PreviewNamespace.name(number: pull.number, repository: repository)),
            "summary": .string("\(shown) at \(GitHubName.short(head))"),
        ]
    }

    private var shown: String { "\(target.text)#\(number)" }
}
