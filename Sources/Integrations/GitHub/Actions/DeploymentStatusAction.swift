import Domain

/// Says how a deployment stands.
struct DeploymentStatusAction: RepeatableAction, Plannable {
    /// States of a deployment (docs.github.com, "Create a deployment status").
    enum State: String, CaseIterable, Sendable {
        case inProgress = "in_progress"
        case success, failure, error, inactive, queued, pending
    }

    private let target: RepositoryTarget
    private let deployment: Int
    private let state: State
    private let environmentURL: String?
    private let logURL: String?
    private let description: String

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.deployment-status", "Says on GitHub how a deployment stands", effect: .changes
        ) { DeploymentStatusAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        deployment = input.integer("deployment", "GitHub's number for the deployment", in: 1...Int.max)
        state = input.choice("state", "How it stands", of: State.self) ?? .error
        environmentURL = input.textIfAny(
            "environment_url", "What was deployed: https://pr-42.example.com", pattern: GitHubName.link)
        logURL = input.textIfAny("log_url", "Where to read on", pattern: GitHubName.link)
        description = (input.textIfAny("description", "What happened; cut to 140 characters") ?? "").cut(to: 140)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client, repository in
            let newest = try await client.newestStatus(of: deployment, in: repository)
            return ActionPlan(
                changes: isSame(newest)
                    ? [] : ["Deployment \(deployment): \(newest?.state ?? "no status") → \(state.rawValue)"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client, repository in
            if !isSame(try await client.newestStatus(of: deployment, in: repository)) {
                try await client.setStatus(request, of: deployment, in: repository)
            }
            return ["summary": .string("deployment \(deployment): \(state.rawValue)")]
        }
    }

    private var request: [String: JSONValue] {
        var members: [String: JSONValue] = ["state": .string(state.rawValue)]
        if !description.isEmpty { members["description"] = .string(description) }
        if let environmentURL { members["environment_url"] = .string(environmentURL) }
        if let logURL { members["log_url"] = .string(logURL) }
        return members
    }

    private func isSame(_ status: DeploymentStatus?) -> Bool {
        guard let status else { return false }
        return status.state == state.rawValue && (status.description ?? "") == description
            && (status.environmentUrl ?? "") == (environmentURL ?? "") && (status.logUrl ?? "") == (logURL ?? "")
    }

    private var doing: String { "the status of deployment \(deployment) of \(target.text) cannot be set" }
}
