import Domain

extension GitHubShape {
    func deployment(
        _ deployment: GitHubStandIn.Deployment, _ repository: GitHubRepository, app: GitHubStandIn.App?
    ) -> [String: JSONValue] {
        let url = "\(url(repository))/deployments/\(deployment.id)"
        return [
            "url": .string(url), "id": GitHubShape.number(deployment.id),
            "node_id": GitHubShape.node("Deployment", deployment.id), "task": .string(deployment.task),
            "original_environment": .string(deployment.environment), "environment": .string(deployment.environment),
            "description": GitHubShape.text(deployment.description),
            "created_at": GitHubShape.time(deployment.createdAt), "updated_at": GitHubShape.time(deployment.updatedAt),
            "statuses_url": .string("\(url)/statuses"), "repository_url": .string(self.url(repository)),
            "creator": user(deployment.creator), "sha": .string(deployment.sha), "ref": .string(deployment.ref),
            "payload": deployment.payload, "transient_environment": .bool(deployment.isTransient),
            "production_environment": .bool(deployment.isProduction), "performed_via_github_app": via(app),
        ]
    }

    func status(
        _ status: GitHubStandIn.DeploymentStatus, of deployment: GitHubStandIn.Deployment,
        _ repository: GitHubRepository, app: GitHubStandIn.App?
    ) -> [String: JSONValue] {
        let url = "\(url(repository))/deployments/\(deployment.id)"
        return [
            "url": .string("\(url)/statuses/\(status.id)"), "id": GitHubShape.number(status.id),
            "node_id": GitHubShape.node("DeploymentStatus", status.id), "state": .string(status.state),
            "creator": user(status.creator), "description": .string(status.description),
            "environment": .string(status.environment), "target_url": .string(status.logURL),
            "created_at": GitHubShape.time(status.createdAt), "updated_at": GitHubShape.time(status.createdAt),
            "deployment_url": .string(url), "repository_url": .string(self.url(repository)),
            "environment_url": .string(status.environmentURL), "log_url": .string(status.logURL),
            "performed_via_github_app": via(app),
        ]
    }

    /// `performed_via_github_app`.
    private func via(_ app: GitHubStandIn.App?) -> JSONValue { app.map { .object(self.app($0)) } ?? .null }

    func status(_ status: GitHubStandIn.CommitStatus, _ repository: GitHubRepository) -> [String: JSONValue] {
        [
            "url": .string("\(url(repository))/statuses/\(status.sha)"),
            "avatar_url": .string("\(html)/avatars/u/\(status.creator.id)?v=4"), "id": GitHubShape.number(status.id),
            "node_id": GitHubShape.node("StatusContext", status.id), "state": .string(status.state),
            "description": GitHubShape.text(status.description), "target_url": GitHubShape.text(status.targetURL),
            "context": .string(status.context), "created_at": GitHubShape.time(status.createdAt),
            "updated_at": GitHubShape.time(status.createdAt),
        ]
    }
}
