extension GitHubStandIn {
    /// The checks of one App for one commit. Times are microseconds since 1970.
    package struct CheckSuite: Sendable, Hashable {
        package var id: Int
        package var sha: String
        /// Nil when the commit comes from a fork.
        package var branch: String?
        package var before: String?
        package var appSlug: String
        /// `queued`, `in_progress` or `completed`.
        package var status = "queued"
        package var conclusion: String?
        package var createdAt: Int64
        package var updatedAt: Int64
    }
}
