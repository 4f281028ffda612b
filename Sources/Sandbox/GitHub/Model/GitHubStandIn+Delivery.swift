extension GitHubStandIn {
    /// What was sent to the bot for one event by one hook.
    package struct Delivery: Sendable {
        /// `X-GitHub-Delivery`, a UUID.
        package var id: String
        package var hookID: Int
        package var repositoryID: Int
        /// Whose repository that is.
        package var owner: String
        /// Set when an App's hook sent it.
        package var installationID: Int?
        /// `X-GitHub-Event`.
        package var event: String
        package var action: String
        package var path: String
        package var headers: [(String, String)]
        package var body: [UInt8]
        /// Microseconds since 1970.
        package var at: Int64
        /// What the bot answered to each try; 0 when there was no answer.
        package var answers: [Int] = []
    }
}
