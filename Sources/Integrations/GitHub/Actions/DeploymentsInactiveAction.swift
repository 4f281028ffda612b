import Domain

/// Says of every deployment of an environment that it is no more: GitHub then shows it as destroyed.
struct DeploymentsInactiveAction: RepeatableAction, Plannable {
    private let target: RepositoryTarget
    private let environment: String

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.deployments-inactive", "Marks every deployment of an environment as inactive", effect: .changes,
            outputs: [.init("deployments", .integer(nil), "How many were active")]
        ) { DeploymentsInactiveAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        environment = input.text("environment", "The environment: pr-42", pattern: GitHubName.environment)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client, repository in
            ActionPlan(
                changes: try await active(client, repository, context).map {
                    "Deployment \($0) to \(environment): inactive"
                })
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client, repository in
            let active = try await active(client, repository, context)
            for (index, deployment) in active.enumerated() {
                context.progress("\(index + 1)/\(active.count)")
                try await client.setStatus(["state": "inactive"], of: deployment, in: repository)
            }
            return [
                "deployments": .int(Int64(active.count)),
                "summary": .string("\(active.count) deployments to \(environment) are inactive now"),
            ]
        }
    }

    /// Those whose newest status says something else, the newest first.
    private func active(_ client: GitHubClient, _ repository: RepositoryName, _ context: ActionContext) async throws
        -> [Int]
    {
        var all: [Int] = []
        try await client.deployments(of: environment, in: repository) { page in
            // The question is the environment's alone, whatever the answer holds.
            all += page.filter { $0.environment == environment }.map(\.id)
            return true
        }
        var active: [Int] = []
        for deployment in all {
            let newest = try await client.newestStatus(of: deployment, in: repository)
            if newest?.state != "inactive" { active.append(deployment) }
        }
        return active
    }

    private var doing: String { "the deployments of \(target.text) to \(environment) cannot be marked as inactive" }
}
