package import Domain

extension GitHubStandIn {
    /// One check of a suite.
    package struct CheckRun: Sendable, Hashable {
        package var id: Int
        package var suiteID: Int
        package var sha: String
        package var name: String
        package var appSlug: String
        package var status: String
        package var conclusion: String?
        package var externalID: String
        package var detailsURL: String
        package var title: String?
        package var summary: String?
        package var text: String?
        package var annotations: [JSONValue] = []
        package var startedAt: Int64?
        package var completedAt: Int64?
    }
}
