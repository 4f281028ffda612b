extension GitHubStandIn {
    /// A pull request. Times are microseconds since 1970.
    package struct PullRequest: Sendable, Hashable {
        package var id: Int
        package var number: Int
        package var title: String
        package var body: String
        /// A login.
        package var author: String
        /// Full name of the repository with the head branch; nil when that repository is gone.
        package var headRepository: String?
        package var headBranch: String
        package var headSHA: String
        package var baseBranch: String
        package var baseSHA: String
        package var isOpen = true
        package var isDraft = false
        package var labels: [String] = []
        package var createdAt: Int64
        package var updatedAt: Int64
        package var closedAt: Int64?
        package var mergedAt: Int64?
        package var mergedBy: String?
        package var mergeCommitSHA: String?

        package var isMerged: Bool { mergedAt != nil }
    }
}
