package import Domain

extension GitHubStandIn {
    /// A deployment. Times are microseconds since 1970.
    package struct Deployment: Sendable, Hashable {
        package var id: Int
        package var sha: String
        package var ref: String
        package var task: String
        /// An object or a text, as it was given.
        package var payload: JSONValue
        package var environment: String
        package var description: String?
        package var isTransient: Bool
        package var isProduction: Bool
        package var creator: User
        package var createdAt: Int64
        package var updatedAt: Int64
        /// The oldest first.
        package var statuses: [DeploymentStatus] = []

        /// The newest status' state; `pending` before the first.
        package var state: String { statuses.last?.state ?? "pending" }
        /// The newest address that a status gave.
        package var url: String? { statuses.last { !$0.environmentURL.isEmpty }?.environmentURL }
    }
}
