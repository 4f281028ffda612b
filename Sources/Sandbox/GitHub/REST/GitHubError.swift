import Domain

/// An answer in GitHub's words that is not the thing asked for
/// (docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api).
struct GitHubError: Error, Sendable {
    var status: Int
    var message: String
    var errors: [JSONValue] = []
    var headers: [(String, String)] = []

    init(_ status: Int, _ message: String, errors: [JSONValue] = []) {
        self.status = status
        self.message = message
        self.errors = errors
    }

    static let notFound = GitHubError(404, "Not Found")
    static let badCredentials = GitHubError(401, "Bad credentials")
    static let requiresAuthentication = GitHubError(401, "Requires authentication")
    static let notForApps = GitHubError(403, "Resource not accessible by integration")
    static let badToken = GitHubError(401, "A JSON web token could not be decoded")
    static let unreadableBody = GitHubError(400, "Problems parsing JSON")

    /// A member of the body that is missing or wrong, as GitHub's schema says it.
    static func invalidRequest(_ reason: String) -> GitHubError { GitHubError(422, "Invalid request.\n\n\(reason)") }

    static func missing(_ name: String) -> GitHubError { invalidRequest("\"\(name)\" wasn't supplied.") }

    /// A member that the model refuses.
    static func validation(_ resource: String, field: String, code: String, message: String? = nil) -> GitHubError {
        var error: [String: JSONValue] = [
            "resource": .string(resource), "field": .string(field), "code": .string(code),
        ]
        if let message { error["message"] = .string(message) }
        return GitHubError(422, "Validation Failed", errors: [.object(error)])
    }

    var answer: SandboxAnswer {
        var body: [String: JSONValue] = [
            "message": .string(message), "documentation_url": "https://docs.github.com/rest",
            "status": .string(String(status)),
        ]
        if !errors.isEmpty { body["errors"] = .array(errors) }
        return .json(status, .object(body), headers: headers)
    }
}
