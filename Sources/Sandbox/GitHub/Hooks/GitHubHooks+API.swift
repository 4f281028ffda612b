import Domain

extension GitHubHooks {
    /// Somebody wrote, edited or deleted a comment by the API.
    func comment(
        _ action: String, _ comment: GitHubStandIn.Comment, _ repositoryName: String, by sender: String,
        _ shape: GitHubShape
    ) throws {
        let repository = try world.repository(repositoryName)
        guard let event = commentEvent(action, comment, repository, by: sender, shape) else { return }
        later(event)
    }

    func commentEvent(
        _ action: String, _ comment: GitHubStandIn.Comment, _ repository: GitHubRepository, by sender: String,
        _ shape: GitHubShape
    ) -> GitHubEvent? {
        let state = world.snapshot
        guard let pull = repository.pulls[comment.number] else { return nil }
        return GitHubEvent(
            "issue_comment", action, repository, by: sender, shape, state,
            [
                "issue": .object(shape.issue(pull, repository, state)),
                "comment": .object(shape.comment(comment, repository, app: nil)),
            ])
    }

    /// A deployment was made by the API.
    func deployment(
        _ deployment: GitHubStandIn.Deployment, _ repository: GitHubRepository, by sender: String, _ shape: GitHubShape
    ) throws {
        later(
            GitHubEvent(
                "deployment", "created", repository, by: sender, shape, world.snapshot,
                [
                    "deployment": .object(shape.deployment(deployment, repository, app: nil)), "workflow": .null,
                    "workflow_run": .null,
                ]))
    }

    /// A deployment got a status by the API. GitHub tells nobody about `inactive`.
    func status(
        _ status: GitHubStandIn.DeploymentStatus, of deployment: GitHubStandIn.Deployment,
        _ repository: GitHubRepository, by sender: String, _ shape: GitHubShape
    ) throws {
        guard status.state != "inactive" else { return }
        later(
            GitHubEvent(
                "deployment_status", "created", repository, by: sender, shape, world.snapshot,
                [
                    "deployment_status": .object(shape.status(status, of: deployment, repository, app: nil)),
                    "deployment": .object(shape.deployment(deployment, repository, app: nil)), "check_run": .null,
                    "workflow": .null, "workflow_run": .null,
                ]))
    }
}
