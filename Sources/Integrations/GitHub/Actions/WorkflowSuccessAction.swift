import Domain

/// Waits until a workflow has succeeded for a commit.
struct WorkflowSuccessAction: AwaitingAction {
    /// How often is looked where no webhook tells.
    static let interval = Duration.seconds(60)

    private let target: RepositoryTarget
    private let commit: String
    private let workflow: String

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.workflow-success", "Waits until a workflow has succeeded for a commit", effect: .reads,
            outputs: [.init("url", .text(nil), "The run's page")]
        ) { WorkflowSuccessAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        commit = input.commit("The full id of the commit")
        workflow = input.text("workflow", "The workflow's name, or its file's: build.yml")
    }

    func look(_ context: ActionContext) async throws -> Awaited {
        let run = try await target.attempt("\(shown) cannot be looked up") { client, repository in
            try await client.newestRun(of: workflow, for: commit, in: repository)
        }
        guard let run else { return notYet("\(shown), which has not begun") }
        guard run.status == "completed" else {
            return notYet("\(shown), \((run.status ?? "not done").replacing("_", with: " "))")
        }
        switch run.conclusion {
        case "success":
            return .ready(["url": .string(run.htmlUrl), "summary": .string("\(shown) succeeded")])
        // A run of a fork that somebody has to allow first.
        case "action_required": return notYet("\(shown), which a maintainer has to allow: \(run.htmlUrl)")
        default:
            let end = (run.conclusion ?? "no conclusion").replacing("_", with: " ")
            throw ActionError(
                "\(shown) did not succeed (\(end)): \(run.htmlUrl)",
                hint: "look at the run; when it is put right, ask again")
        }
    }

    private func notYet(_ what: String) -> Awaited {
        .notYet(
            what, lookAgainAfter: WorkflowSuccessAction.interval, topic: GitHubTopic.of(target.text, commit: commit))
    }

    private var shown: String { "the workflow '\(workflow.prefix(100))' for \(GitHubName.short(commit))" }
}
