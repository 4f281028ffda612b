import Domain

/// Makes a deployment, which says on GitHub that a commit goes somewhere.
struct DeploymentAction: RepeatableAction, Plannable {
    private let target: RepositoryTarget
    private let commit: String
    private let environment: String
    private let description: String?
    private let isTransient: Bool
    private let isProduction: Bool

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.deployment", "Makes a deployment of a commit; its statuses follow by github.deployment-status",
            effect: .changes,
            outputs: [.init("deployment", .integer(nil), "GitHub's number for the deployment")]
        ) { DeploymentAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        commit = input.commit("The full id of the commit")
        environment = input.text("environment", "Where it goes: production, pr-42", pattern: GitHubName.environment)
        description = input.textIfAny("description", "What it is, at most 140 characters")
        isTransient = input.flag(
            "transient", "The environment is made for this alone and goes away, as a preview's does")
        isProduction = input.flag("production", "The environment is one that users see")
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client, repository in
            let found = try await find(context.idempotencyKey, client, repository)
            return ActionPlan(
                changes: found == nil
                    ? ["Deployment of \(repository) \(GitHubName.short(commit)) to \(environment): new"] : [])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client, repository in
            // It may have been made already, before a crash.
            if let found = try await find(context.idempotencyKey, client, repository) { return result(found) }
            let reply = try await client.send(
                GitHubCall(repository, "/deployments", method: "POST", body: request(context.idempotencyKey)))
            guard reply.status == 201 else {
                throw GitHubFailure(
                    "GitHub did not make the deployment (\(reply.status))", status: reply.status,
                    hint: "the commit must be up to date with the default branch")
            }
            return result(try reply.decode(Deployment.self).id)
        }
    }

    private func request(_ key: String) -> JSONValue {
        [
            "ref": .string(commit), "environment": .string(environment),
            "description": .string((description ?? "").cut(to: 140)), "transient_environment": .bool(isTransient),
            "production_environment": .bool(isProduction),
            // What must have succeeded before is said in the command, and nothing is merged on the way.
            "required_contexts": [], "auto_merge": false, "payload": .string(Deployment.Payload.text(key: key)),
        ]
    }

    private func find(_ key: String, _ client: GitHubClient, _ repository: RepositoryName) async throws -> Int? {
        var found: Int?
        try await client.deployments(of: environment, commit: commit, in: repository) { page in
            found = page.first { $0.payload?.key == key }?.id
            return found == nil
        }
        return found
    }

    private func result(_ id: Int) -> JSONValue {
        ["deployment": .int(Int64(id)), "summary": .string("deployment \(id) to \(environment)")]
    }

    private var doing: String { "the deployment to \(environment) cannot be made" }
}
