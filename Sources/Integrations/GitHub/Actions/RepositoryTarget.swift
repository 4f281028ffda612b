import Domain

/// The repository that an action works on, as its inputs name it, and the client to reach it.
struct RepositoryTarget: Sendable {
    let text: String
    private let client: GitHubClient?

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        text = input.text("repository", "The repository, such as acme/api", pattern: GitHubName.repositoryPattern)
        self.client = client
    }

    /// The repository. Throws where a name is none, such as `acme/..`.
    func repository() throws(ActionError) -> RepositoryName {
        guard let name = RepositoryName(text) else { throw ActionError("'\(text.prefix(100))' is not a repository") }
        return name
    }

    /// Runs `body`; what GitHub says becomes an `ActionError` that begins with `doing`.
    func attempt<Value: Sendable>(
        _ doing: String, changes: Bool = false, _ body: (GitHubClient, RepositoryName) async throws -> Value
    ) async throws -> Value {
        let client = try RepositoryTarget.present(client)
        let repository = try repository()
        do { return try await body(client, repository) } catch let error as GitHubFailure {
            throw error.actionError(doing, changes: changes)
        }
    }

    static func present(_ client: GitHubClient?) throws(ActionError) -> GitHubClient {
        guard let client else {
            throw ActionError(
                "GitHub is not set up: the settings have no section github",
                hint: "give github.token or github.app in defimon.yaml")
        }
        return client
    }
}

extension InputReader {
    /// A whole commit id.
    mutating func commit(_ help: String) -> String {
        text("commit", help, pattern: GitHubName.commit).lowercased()
    }

    /// A text where nothing given and an empty text, such as an argument that was left out, are the same.
    mutating func textIfAny(_ name: String, _ help: String, pattern: Pattern? = nil) -> String? {
        let text = optionalText(name, help, pattern: pattern)
        return text?.isEmpty == true ? nil : text
    }
}

extension String {
    /// At most that many characters, with a sign at its end where something is missing: descriptions of GitHub.
    func cut(to count: Int) -> String { GitHubText.line(self, atMost: count) }
}
