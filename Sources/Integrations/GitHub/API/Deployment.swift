import Domain
import Foundation

/// A deployment, as the API tells it.
struct Deployment: Decodable, Sendable {
    /// What was given when it was made: an object, or the text of one.
    struct Payload: Decodable, Sendable {
        /// The idempotency key of the step that made it.
        var key: String?

        private struct Members: Decodable { @Tolerant var defimon: String? }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // Others' payloads may be anything: then there is no key.
            if let members = try? container.decode(Members.self) {
                key = members.defimon
            } else if let text = try? container.decode(String.self) {
                key = (try? JSONDecoder().decode(Members.self, from: Data(text.utf8)))?.defimon
            }
        }

        /// The text that is sent. A text, as GitHub documents it; it gives back what it was given.
        static func text(key: String) -> String { JSONValue.object(["defimon": .string(key)]).canonicalText }
    }

    var id: Int
    var sha: String
    var environment: String
    var payload: Payload?
}

/// One status of a deployment, as the API tells it.
struct DeploymentStatus: Decodable, Sendable {
    var id: Int
    var state: String
    var description: String?
    var environmentUrl: String?
    var logUrl: String?
}

extension GitHubClient {
    /// Deployments, the newest first, until `take` says that it has seen enough by `false`.
    func deployments(
        of environment: String, commit: String? = nil, in repository: RepositoryName,
        _ take: ([Deployment]) -> Bool
    ) async throws {
        var query = [(name: "environment", value: environment)]
        if let commit { query.append(("sha", commit)) }
        try await pages(GitHubCall(repository, "/deployments", query: query), maxPages: 10) { page in
            take(try page.decode([Deployment].self))
        }
    }

    /// The newest status of a deployment; nil when it has none.
    func newestStatus(of deployment: Int, in repository: RepositoryName) async throws -> DeploymentStatus? {
        let call = GitHubCall(repository, "/deployments/\(deployment)/statuses", query: [("per_page", "1")])
        return try await send(call).decode([DeploymentStatus].self).first
    }

    func setStatus(_ members: [String: JSONValue], of deployment: Int, in repository: RepositoryName) async throws {
        _ = try await send(
            GitHubCall(
                repository, "/deployments/\(deployment)/statuses", method: "POST", body: .object(members)))
    }
}
