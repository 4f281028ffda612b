package import Domain

/// What the bot can do on GitHub.
package enum GitHubActions {
    /// All action types. Without a client they describe themselves, and say at run time which setting is missing.
    package static func types(client: GitHubClient?) -> [ActionType] {
        [
            PullRequestAction.type(client),
            BranchHeadAction.type(client),
            WorkflowSuccessAction.type(client),
            ChecksSuccessAction.type(client),
            CommentAction.type(client),
            DeploymentAction.type(client),
            DeploymentStatusAction.type(client),
            DeploymentsInactiveAction.type(client),
            CheckRunAction.type(client),
            CommitStatusAction.type(client),
            ClosedPullRequestsAction.type(client),
        ]
    }
}
