extension GitHubStandIn {
    /// The status of a commit in one context.
    package struct CommitStatus: Sendable, Hashable {
        package var id: Int
        package var sha: String
        package var context: String
        /// `error`, `failure`, `pending` or `success`.
        package var state: String
        package var description: String?
        package var targetURL: String?
        package var creator: User
        package var createdAt: Int64
    }
}
