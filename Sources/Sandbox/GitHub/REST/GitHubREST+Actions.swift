import Domain

extension GitHubREST {
    /// docs.github.com/rest/actions/workflow-runs and docs.github.com/rest/actions/workflows
    var actionRoutes: [GitHubRoute] {
        [
            GitHubRoute("GET", "repos/:owner/:repo/actions/runs") { call in try runs(call) { _ in true } },
            GitHubRoute("GET", "repos/:owner/:repo/actions/runs/:id") { call in
                let repository = try world.repository(call.repositoryName)
                let id = try call.number("id")
                guard let run = repository.workflowRuns.first(where: { $0.id == id }) else {
                    throw GitHubError.notFound
                }
                return .json(200, .object(call.shape.workflowRun(run, repository, world.snapshot)))
            },
            GitHubRoute("GET", "repos/:owner/:repo/actions/workflows") { call in
                let repository = try world.repository(call.repositoryName)
                return list(
                    call, named: "workflows",
                    repository.seed.workflows.map { .object(call.shape.workflow($0, repository)) })
            },
            GitHubRoute("GET", "repos/:owner/:repo/actions/workflows/:id") { call in
                let repository = try world.repository(call.repositoryName)
                return .json(200, .object(call.shape.workflow(try workflow(call, repository), repository)))
            },
            GitHubRoute("GET", "repos/:owner/:repo/actions/workflows/:id/runs") { call in
                let wanted = try workflow(call, world.repository(call.repositoryName))
                return try runs(call) { $0.workflow.id == wanted.id }
            },
        ]
    }

    /// A workflow by its number or the name of its file; never by the name people give it.
    private func workflow(_ call: GitHubCall, _ repository: GitHubRepository) throws -> GitHubStandIn.Workflow {
        let id = call.parameter("id")
        guard
            let found = repository.seed.workflows.first(where: {
                String($0.id) == id || $0.path.hasSuffix("/\(id)")
            })
        else { throw GitHubError.notFound }
        return found
    }

    private func runs(
        _ call: GitHubCall, _ isWanted: (GitHubStandIn.WorkflowRun) -> Bool
    ) throws -> SandboxAnswer {
        let (repository, state) = (try world.repository(call.repositoryName), world.snapshot)
        var found = repository.workflowRuns.filter(isWanted)
        if let sha = call.request.query("head_sha") { found.removeAll { $0.sha != sha } }
        if let event = call.request.query("event") { found.removeAll { $0.event != event } }
        if let branch = call.request.query("branch") { found.removeAll { $0.branch != branch } }
        if let actor = call.request.query("actor") { found.removeAll { $0.actor != actor } }
        // A status or a conclusion.
        if let status = call.request.query("status") {
            found.removeAll { $0.status != status && $0.conclusion != status }
        }
        return list(
            call, named: "workflow_runs",
            found.reversed().map { .object(call.shape.workflowRun($0, repository, state)) })
    }
}
