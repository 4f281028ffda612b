import Domain

extension GitHubREST {
    /// docs.github.com/rest/apps/apps
    var appRoutes: [GitHubRoute] {
        [
            GitHubRoute("GET", "app", .app) { call in
                guard let app = authority.app else { throw GitHubError.badToken }
                var members = call.shape.app(app)
                members["installations_count"] = GitHubShape.number(world.snapshot.repositoryNames.count)
                return .json(200, .object(members))
            },
            GitHubRoute("GET", "app/installations", .app) { call in
                let state = world.snapshot
                let owners = Set(state.repositoryNames.compactMap { state.repository($0)?.owner })
                guard let app = authority.app else { throw GitHubError.badToken }
                return list(
                    call, owners.sorted { $0.id < $1.id }.map { call.shape.installation($0.id, of: $0, app: app) })
            },
            GitHubRoute("GET", "repos/:owner/:repo/installation", .app) { call in
                let repository = try world.repository(call.repositoryName)
                return try installation(of: repository.owner, call)
            },
            GitHubRoute("GET", "orgs/:owner/installation", .app) { call in try installation(named: call) },
            GitHubRoute("GET", "users/:owner/installation", .app) { call in try installation(named: call) },
            GitHubRoute("POST", "app/installations/:id/access_tokens", .app) { call in try accessToken(call) },
        ]
    }

    private func installation(named call: GitHubCall) throws -> SandboxAnswer {
        guard let owner = world.snapshot.user(call.parameter("owner")) else { throw GitHubError.notFound }
        return try installation(of: owner, call)
    }

    private func installation(of owner: GitHubStandIn.User, _ call: GitHubCall) throws -> SandboxAnswer {
        guard let app = authority.app else { throw GitHubError.badToken }
        return .json(200, call.shape.installation(owner.id, of: owner, app: app))
    }

    /// An installation has its owner's id here.
    private func accessToken(_ call: GitHubCall) throws -> SandboxAnswer {
        let id = try call.number("id")
        guard let app = authority.app, let owner = world.snapshot.users.values.first(where: { $0.id == id }) else {
            throw GitHubError.notFound
        }
        let (token, until) = authority.issue(for: owner.login, app: app)
        return .json(
            201,
            [
                "token": .string(token), "expires_at": GitHubShape.time(until),
                "permissions": .object(app.permissions.mapValues(JSONValue.string)), "repository_selection": "all",
            ])
    }
}
