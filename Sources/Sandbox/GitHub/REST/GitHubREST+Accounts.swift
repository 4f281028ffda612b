import Domain

extension GitHubREST {
    /// docs.github.com/rest/users, docs.github.com/rest/rate-limit and docs.github.com/rest/collaborators
    var accountRoutes: [GitHubRoute] {
        [
            GitHubRoute("GET", "user", .user) { call in .json(200, call.shape.user(try call.user())) },
            GitHubRoute("GET", "users/:login", .anybody) { call in
                guard let user = world.snapshot.user(call.parameter("login")) else { throw GitHubError.notFound }
                return .json(200, call.shape.user(user))
            },
            GitHubRoute("GET", "rate_limit", .anybody) { call in rateLimit(call) },
            GitHubRoute("GET", "repos/:owner/:repo/collaborators/:login/permission") { call in
                let repository = try world.repository(call.repositoryName)
                guard let user = world.snapshot.user(call.parameter("login")) else { throw GitHubError.notFound }
                let role = repository.seed.collaborators[user.login] ?? "none"
                let permission = ["maintain": "write", "triage": "read"][role] ?? role
                return .json(
                    200,
                    [
                        "permission": .string(permission), "role_name": .string(role), "user": call.shape.user(user),
                    ])
            },
            GitHubRoute("GET", "repos/:owner/:repo/collaborators/:login") { call in
                let repository = try world.repository(call.repositoryName)
                guard repository.seed.collaborators[call.parameter("login")] != nil else { throw GitHubError.notFound }
                return SandboxAnswer(204)
            },
        ]
    }

    private func rateLimit(_ call: GitHubCall) -> SandboxAnswer {
        let standing = limit.count(call.actor?.bucket ?? "127.0.0.1", cost: 0)
        let core: JSONValue = [
            "limit": GitHubShape.number(standing.limit), "used": GitHubShape.number(min(standing.used, standing.limit)),
            "remaining": GitHubShape.number(standing.remaining), "reset": GitHubShape.number(standing.reset),
        ]
        return .json(
            200,
            [
                "resources": [
                    "core": core, "search": core, "graphql": core, "integration_manifest": core, "source_import": core,
                ], "rate": core,
            ])
    }
}
