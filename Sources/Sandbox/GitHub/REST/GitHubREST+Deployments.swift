import Domain

extension GitHubREST {
    static let deploymentStates = ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]

    /// docs.github.com/rest/deployments
    var deploymentRoutes: [GitHubRoute] {
        [
            GitHubRoute("GET", "repos/:owner/:repo/deployments") { call in try deployments(call) },
            GitHubRoute("POST", "repos/:owner/:repo/deployments") { call in try createDeployment(call) },
            GitHubRoute("GET", "repos/:owner/:repo/deployments/:id") { call in
                let (deployment, repository) = try deployment(call)
                return .json(200, json(deployment, repository, call))
            },
            GitHubRoute("GET", "repos/:owner/:repo/deployments/:id/statuses") { call in
                let (deployment, repository) = try deployment(call)
                return list(
                    call,
                    deployment.statuses.reversed().map {
                        .object(call.shape.status($0, of: deployment, repository, app: call.actor?.app))
                    })
            },
            GitHubRoute("POST", "repos/:owner/:repo/deployments/:id/statuses") { call in try createStatus(call) },
        ]
    }

    private func json(
        _ deployment: GitHubStandIn.Deployment, _ repository: GitHubRepository, _ call: GitHubCall
    ) -> JSONValue {
        .object(call.shape.deployment(deployment, repository, app: call.actor?.app))
    }

    private func deployment(_ call: GitHubCall) throws -> (GitHubStandIn.Deployment, GitHubRepository) {
        let repository = try world.repository(call.repositoryName)
        let id = try call.number("id")
        guard let found = repository.deployments.first(where: { $0.id == id }) else { throw GitHubError.notFound }
        return (found, repository)
    }

    private func deployments(_ call: GitHubCall) throws -> SandboxAnswer {
        let repository = try world.repository(call.repositoryName)
        var found = repository.deployments
        let query = call.request
        if let sha = query.query("sha") { found.removeAll { $0.sha != sha } }
        if let ref = query.query("ref") { found.removeAll { $0.ref != ref } }
        if let task = query.query("task") { found.removeAll { $0.task != task } }
        if let environment = query.query("environment") { found.removeAll { $0.environment != environment } }
        return list(call, found.reversed().map { json($0, repository, call) })
    }

    private func createDeployment(_ call: GitHubCall) throws -> SandboxAnswer {
        let (members, user) = (try GitHubMembers(call), try call.user())
        let ref = try members.needed("ref")
        let repository = try world.repository(call.repositoryName)
        guard let sha = repository.sha(of: ref) else { throw GitHubError(422, "No ref found for: \(ref)") }
        if try members.flag("auto_merge") ?? true, let merged = try autoMerge(ref, call) { return merged }
        try checkContexts(members.list("required_contexts")?.map(\.plainText), ref, sha, repository)
        let environment = try members.text("environment") ?? "production"
        let made = try world.change(call.repositoryName) { repository, state in
            let deployment = GitHubStandIn.Deployment(
                id: state.nextID(), sha: sha, ref: ref, task: try members.text("task") ?? "deploy",
                payload: members.members["payload"] ?? [:], environment: environment,
                description: try members.text("description"),
                isTransient: try members.flag("transient_environment") ?? false,
                isProduction: try members.flag("production_environment") ?? (environment == "production"),
                creator: user, createdAt: world.now, updatedAt: world.now)
            repository.deployments.append(deployment)
            return deployment
        }
        let now = try world.repository(call.repositoryName)
        try hooks.deployment(made, now, by: user.login, call.shape)
        return created(call.shape.deployment(made, now, app: call.actor?.app))
    }

    /// Merges the default branch into a branch that lacks some of it, instead of deploying.
    private func autoMerge(_ ref: String, _ call: GitHubCall) throws -> SandboxAnswer? {
        try world.change(call.repositoryName) { repository, state in
            let main = repository.seed.defaultBranch
            guard ref != main, let head = repository.branches[ref], let base = repository.branches[main],
                !repository.isAncestor(base, of: head)
            else { return nil }
            guard !repository.conflicting.contains(ref) else {
                throw GitHubError(409, "Conflict merging \(main) into \(ref).")
            }
            let merge = state.commit(
                "Merge branch '\(main)' into \(ref)", by: try call.user().login, parents: [head, base], now: world.now)
            repository.commits[merge.sha] = merge
            repository.branches[ref] = merge.sha
            return .json(202, ["message": .string("Auto-merged \(main) into \(ref) on deployment.")])
        }
    }

    /// All contexts, or those that are named, must have succeeded.
    private func checkContexts(
        _ required: [String]?, _ ref: String, _ sha: String, _ repository: GitHubRepository
    ) throws {
        var states: [String: String] = [:]
        for status in repository.statuses where status.sha == sha { states[status.context] = status.state }
        for run in repository.checkRuns where run.sha == sha {
            states[run.name] = run.conclusion ?? "pending"
        }
        let wanted = required ?? Array(states.keys)
        let missing = wanted.filter { !["success", "neutral", "skipped"].contains(states[$0] ?? "missing") }
        guard missing.isEmpty else {
            throw GitHubError(
                409, "Conflict: Commit status checks failed for \(ref).",
                errors: [
                    [
                        "contexts": .array(
                            missing.sorted().map {
                                ["context": .string($0), "state": .string(states[$0] ?? "pending")]
                            }), "resource": "Deployment", "field": "required_contexts", "code": "invalid",
                    ]
                ])
        }
    }

    private func createStatus(_ call: GitHubCall) throws -> SandboxAnswer {
        let (members, user) = (try GitHubMembers(call), try call.user())
        let id = try deployment(call).0.id
        guard let state = try members.choice("state", of: GitHubREST.deploymentStates) else {
            throw GitHubError.missing("state")
        }
        let description = try members.bounded("description", "DeploymentStatus", 140) ?? ""
        let log = try members.text("log_url") ?? members.text("target_url") ?? ""
        let page = try members.text("environment_url") ?? ""
        let (given, ends) = (try members.text("environment"), try members.flag("auto_inactive") ?? true)
        let made = try world.change(call.repositoryName) { repository, all in
            guard let index = repository.deployments.firstIndex(where: { $0.id == id }) else {
                throw GitHubError.notFound
            }
            if let given { repository.deployments[index].environment = given }
            let status = GitHubStandIn.DeploymentStatus(
                id: all.nextID(), state: state, description: description,
                environment: repository.deployments[index].environment, environmentURL: page, logURL: log,
                creator: user, createdAt: world.now)
            repository.deployments[index].statuses.append(status)
            repository.deployments[index].updatedAt = world.now
            if state == "success", ends { endOthers(than: index, status, &repository, &all) }
            return status
        }
        let (deployment, repository) = try deployment(call)
        try hooks.status(made, of: deployment, repository, by: user.login, call.shape)
        return created(call.shape.status(made, of: deployment, repository, app: call.actor?.app))
    }

    /// Earlier deployments to the same environment that had succeeded become inactive, unless transient or production.
    private func endOthers(
        than index: Int, _ newest: GitHubStandIn.DeploymentStatus, _ repository: inout GitHubRepository,
        _ state: inout GitHubState
    ) {
        for other in repository.deployments.indices where other < index {
            let deployment = repository.deployments[other]
            guard deployment.environment == newest.environment, deployment.state == "success",
                !deployment.isTransient, !deployment.isProduction
            else { continue }
            var status = newest
            status.id = state.nextID()
            status.state = "inactive"
            status.description = ""
            status.environmentURL = ""
            status.logURL = ""
            repository.deployments[other].statuses.append(status)
            repository.deployments[other].updatedAt = world.now
        }
    }
}
