import Domain
import HTTPTypes
import HummingbirdCore

/// What answers requests to one path.
struct Route: Sendable {
    typealias Handler = @Sendable (RequestScope, [String: String]) async -> Response

    var method: HTTPRequest.Method
    /// `/webhooks/alertmanager`, or with parameters that stand for one segment each: `/api/v1/jobs/{id}`.
    var path: String
    /// Who is named in metrics and audit when a request to this path is turned away.
    var source: Source
    var handler: Handler
}
