import Domain

/// Makes sure that a commit is still the head of its branch.
struct BranchHeadAction: RepeatableAction {
    private let target: RepositoryTarget
    private let branch: String?
    private let commit: String

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.branch-head",
            "Makes sure that a commit is the newest of its branch; where it is not, the job ends as superseded",
            effect: .reads,
            outputs: [
                .init("commit", .text(nil), "The full id of the head commit"),
                .init("short_commit", .text(nil), "Its first seven characters"),
                .init("branch", .text(nil), "The branch"),
            ]
        ) { BranchHeadAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        branch = input.textIfAny("branch", "The branch; the repository's default one when left out")
        commit = input.text(
            "commit", "The commit that must be the head, or at least its first seven characters",
            pattern: GitHubName.givenCommit
        ).lowercased()
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let shown = "\(target.text)" + (branch.map { " \($0)" } ?? "")
        let found = try await target.attempt("the head of \(shown) cannot be looked up") { client, repository in
            try await client.branch(branch, of: repository)
        }
        let head = found.commit.sha.lowercased()
        guard head.hasPrefix(commit) else {
            throw ActionError(
                "\(GitHubName.short(commit)) is not the newest commit of \(target.text) \(found.name) any more: the "
                    + "head is \(head)", isOutdated: true)
        }
        return [
            "commit": .string(head), "short_commit": .string(GitHubName.short(head)), "branch": .string(found.name),
            "summary": .string("\(GitHubName.short(head)) is the head of \(target.text) \(found.name)"),
        ]
    }
}
