extension GitHubStandIn {
    /// One run of a workflow of GitHub Actions.
    package struct WorkflowRun: Sendable, Hashable {
        package var id: Int
        package var workflow: Workflow
        package var sha: String
        package var branch: String
        /// Full name of the repository with that branch.
        package var headRepository: String
        /// `push`, `pull_request`, …
        package var event: String
        package var title: String
        package var actor: String
        package var status = "queued"
        package var conclusion: String?
        package var number: Int
        package var attempt = 1
        package var suiteID: Int
        package var checkRunID: Int
        package var createdAt: Int64
        package var startedAt: Int64
        package var updatedAt: Int64
    }
}
