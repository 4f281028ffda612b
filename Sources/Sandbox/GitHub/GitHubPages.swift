import Domain

/// What a person sees who follows a link of GitHub's in the sandbox: a few words of plain text.
struct GitHubPages: Sendable {
    let world: GitHubWorld

    /// The page behind `/acme/api/pull/42`, `/acme/api/actions/runs/1` and others of a repository; nil for what is no
    /// page of a known one.
    func answer(_ request: SandboxRequest) -> SandboxAnswer? {
        let parts = request.path.split(separator: "/").map(String.init)
        guard request.method == "GET", parts.count >= 2,
            let repository = world.snapshot.repository("\(parts[0])/\(parts[1])")
        else { return nil }
        let lines =
            switch parts.dropFirst(2).first {
            case "pull": pull(parts.dropFirst(3).first, repository)
            case "actions": run(parts.last, repository)
            default: ["\(repository.fullName), default branch \(repository.seed.defaultBranch)"]
            }
        let note = "This is the sandbox' stand-in for GitHub. The page of the sandbox shows what happens here."
        return .text(200, (lines + ["", note, ""]).joined(separator: "\n"))
    }

    private func pull(_ number: String?, _ repository: GitHubRepository) -> [String] {
        guard let pull = number.flatMap({ Int($0) }).flatMap({ repository.pulls[$0] }) else {
            return ["\(repository.fullName) has no such pull request"]
        }
        let state = pull.isOpen ? "open" : pull.isMerged ? "merged" : "closed"
        let comments = repository.comments.filter { $0.number == pull.number }
        return [
            "\(repository.fullName)#\(pull.number): \(pull.title) (\(state))",
            "\(pull.headRepository ?? "a fork that is gone"):\(pull.headBranch) at \(pull.headSHA)",
        ] + comments.flatMap { ["", "\($0.author.login):", $0.body] }
    }

    private func run(_ id: String?, _ repository: GitHubRepository) -> [String] {
        guard let run = repository.workflowRuns.first(where: { String($0.id) == id }) else {
            return ["\(repository.fullName) has no such run"]
        }
        return [
            "\(run.workflow.name) of \(repository.fullName): \(run.conclusion ?? run.status)",
            "\(run.event) on \(run.branch) at \(run.sha), attempt \(run.attempt)",
        ]
    }
}
