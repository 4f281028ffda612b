import Domain

/// Waits until all checks of a commit have succeeded. Suites without a run do not count, since GitHub makes one for
/// every app that might have something to say; nor do the bot's own.
struct ChecksSuccessAction: AwaitingAction {
    private static let good: Set = ["success", "neutral", "skipped"]

    private let target: RepositoryTarget
    private let commit: String

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.checks-success", "Waits until all checks of a commit have succeeded", effect: .reads,
            outputs: [.init("checks", .integer(nil), "How many check suites there are")]
        ) { ChecksSuccessAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        commit = input.commit("The full id of the commit")
    }

    func look(_ context: ActionContext) async throws -> Awaited {
        try await target.attempt("\(shown) cannot be looked up") { client, repository in
            let own = try await ownApp(client)
            let suites = try await client.checkSuites(of: commit, in: repository).filter {
                $0.latestCheckRunsCount ?? 0 > 0 && (own == nil || $0.app?.id != own)
            }
            guard !suites.isEmpty else { return notYet("\(shown), of which none has begun") }
            let done = suites.filter { $0.status == "completed" && $0.conclusion != "action_required" }
            if let failed = done.first(where: { !ChecksSuccessAction.good.contains($0.conclusion ?? "") }) {
                throw try await failure(failed, client, repository)
            }
            guard done.count == suites.count else {
                let waiting = suites.filter { suite in !done.contains { $0.id == suite.id } }
                let names = waiting.prefix(3).map { GitHubText.line($0.name, atMost: 60) }.joined(separator: ", ")
                return notYet("\(shown), \(done.count) of \(suites.count) done; not yet: \(names)")
            }
            return .ready([
                "checks": .int(Int64(suites.count)),
                "summary": .string("\(suites.count) check suites of \(GitHubName.short(commit)) succeeded"),
            ])
        }
    }

    private func ownApp(_ client: GitHubClient) async throws -> Int? {
        guard case .app = client.credentials.kind else { return nil }
        return try await client.account().appID
    }

    private func failure(_ suite: CheckSuite, _ client: GitHubClient, _ repository: RepositoryName) async throws
        -> ActionError
    {
        let runs = try await client.latestCheckRuns(of: commit, in: repository)
        let failed = runs.first {
            $0.checkSuite?.id == suite.id && $0.status == "completed"
                && !ChecksSuccessAction.good.contains($0.conclusion ?? "")
        }
        let end = (failed?.conclusion ?? suite.conclusion ?? "no conclusion").replacing("_", with: " ")
        let name = GitHubText.line(failed?.name ?? suite.name, atMost: 100)
        let page = (failed?.htmlUrl ?? failed?.detailsUrl).map { ": \($0)" } ?? ""
        return ActionError(
            "the check '\(name)' of \(GitHubName.short(commit)) did not succeed (\(end))\(page)",
            hint: "look at the check; when it is put right, ask again")
    }

    private func notYet(_ what: String) -> Awaited {
        .notYet(
            what, lookAgainAfter: WorkflowSuccessAction.interval, topic: GitHubTopic.of(target.text, commit: commit))
    }

    private var shown: String { "the checks of \(GitHubName.short(commit))" }
}
