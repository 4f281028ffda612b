extension GitHubStandIn {
    /// What became of a deployment.
    package struct DeploymentStatus: Sendable, Hashable {
        package var id: Int
        /// `error`, `failure`, `inactive`, `in_progress`, `queued`, `pending` or `success`.
        package var state: String
        package var description: String
        package var environment: String
        package var environmentURL: String
        package var logURL: String
        package var creator: User
        package var createdAt: Int64
    }
}
