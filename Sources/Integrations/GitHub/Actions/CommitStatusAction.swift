import Domain

/// Sets a status of a commit.
struct CommitStatusAction: RepeatableAction, Plannable {
    enum State: String, CaseIterable, Sendable {
        case error, failure, pending, success
    }

    private let target: RepositoryTarget
    private let commit: String
    private let name: String
    private let state: State
    private let description: String
    private let targetURL: String?

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType("github.commit-status", "Sets a status of a commit", effect: .changes) {
            CommitStatusAction(&$0, client)
        }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        commit = input.commit("The full id of the commit")
        name = input.text("context", "The status' name: defimon/preview", pattern: GitHubName.environment)
        state = input.choice("state", "How it stands", of: State.self) ?? .pending
        description = (input.textIfAny("description", "What happened; cut to 140 characters") ?? "").cut(to: 140)
        targetURL = input.textIfAny("target_url", "Where to read on", pattern: GitHubName.link)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client, repository in
            let found = try await client.status(name, of: commit, in: repository)
            let shown = "Status '\(name)' of \(repository) \(GitHubName.short(commit))"
            return ActionPlan(
                changes: isSame(found) ? [] : ["\(shown): \(found?.state ?? "none") → \(state.rawValue)"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client, repository in
            if !isSame(try await client.status(name, of: commit, in: repository)) {
                _ = try await client.send(
                    GitHubCall(repository, "/statuses/\(commit)", method: "POST", body: .object(request)))
            }
            return ["summary": .string("status '\(name)' of \(GitHubName.short(commit)): \(state.rawValue)")]
        }
    }

    private var request: [String: JSONValue] {
        var members: [String: JSONValue] = ["state": .string(state.rawValue), "context": .string(name)]
        if !description.isEmpty { members["description"] = .string(description) }
        if let targetURL { members["target_url"] = .string(targetURL) }
        return members
    }

    private func isSame(_ status: CommitStatus?) -> Bool {
        guard let status else { return false }
        return status.state == state.rawValue && (status.description ?? "") == description
            && (status.targetUrl ?? "") == (targetURL ?? "")
    }

    private var doing: String { "the status '\(name)' of \(GitHubName.short(commit)) cannot be set" }
}
