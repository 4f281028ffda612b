extension GitHubStandIn {
    /// A comment on a pull request.
    package struct Comment: Sendable, Hashable {
        package var id: Int
        package var number: Int
        package var author: User
        package var body: String
        package var createdAt: Int64
        package var updatedAt: Int64
        /// How often it was edited.
        package var edits = 0
        /// Whether an App wrote it.
        package var isViaApp = false
    }
}
