extension GitHubStandIn {
    /// A commit.
    package struct Commit: Sendable, Hashable {
        /// 40 hexadecimal digits.
        package var sha: String
        package var message: String
        /// A login.
        package var author: String
        /// Microseconds since 1970.
        package var at: Int64
        package var parents: [String]
    }
}
