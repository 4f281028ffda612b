import Domain

extension GitHubStandIn {
    /// How GitHub names its own App in checks.
    static let actionsApp = "github-actions"
    /// An App that is installed and never checks anything.
    static let idleApp = "dependabot"

    /// Ends the newest run of a workflow for a commit; one is made when there is none. `conclusion`: `success`,
    /// `failure`, `cancelled`, `timed_out`, `action_required`, …; `name` nil: the repository's first workflow.
    package func finishWorkflow(
        repository: String, commit: String, name: String? = nil, conclusion: String = "success"
    ) async throws {
        let workflow = try workflow(name, repository)
        if try run(of: workflow, commit, repository) == nil {
            try await startRun(
                workflow, commit: commit, branch: repositoryBranch(commit, repository), head: repository,
                event: "push", actor: world.repository(repository).owner.login, repository)
        }
        if conclusion == "success" { await configuration.onWorkflowSuccess(repository, commit) }
        let now = world.now
        let ended = try world.change(repository) { all, _ in
            guard let index = all.workflowRuns.lastIndex(where: { $0.workflow.id == workflow.id && $0.sha == commit })
            else { throw GitHubError.notFound }
            all.workflowRuns[index].status = "completed"
            all.workflowRuns[index].conclusion = conclusion
            all.workflowRuns[index].updatedAt = now
            let run = all.workflowRuns[index]
            GitHubStandIn.mark(run, "completed", conclusion, now: now, &all)
            return run
        }
        try await tell("completed", ended, repository)
        try await tellCompleted(ended, repository)
    }

    /// Runs the newest run of a workflow for a commit again: the same run, another attempt.
    package func rerunWorkflow(repository: String, commit: String, name: String? = nil) async throws {
        let workflow = try workflow(name, repository)
        let now = world.now
        let again = try world.change(repository) { all, _ in
            guard let index = all.workflowRuns.lastIndex(where: { $0.workflow.id == workflow.id && $0.sha == commit })
            else { throw SandboxInputError("no run of \(workflow.name) for \(commit) can be repeated: there is none") }
            all.workflowRuns[index].status = "queued"
            all.workflowRuns[index].conclusion = nil
            all.workflowRuns[index].attempt += 1
            all.workflowRuns[index].startedAt = now
            all.workflowRuns[index].updatedAt = now
            let run = all.workflowRuns[index]
            GitHubStandIn.mark(run, "queued", nil, now: now, &all)
            return run
        }
        try await tell("requested", again, repository)
        try await proceed(again, repository)
    }

    /// The runs of every workflow for a pull request's head.
    func startWorkflows(of number: Int, _ name: String) async throws {
        let pull = try pull(number, name)
        try await startWorkflows(
            commit: pull.headSHA, branch: pull.headBranch, head: pull.headRepository ?? name, event: "pull_request",
            actor: pull.author, name)
    }

    func startWorkflows(
        commit: String, branch: String, head: String, event: String, actor: String, _ name: String
    ) async throws {
        let repository = try world.repository(name)
        if repository.seed.hasEmptyCheckSuite {
            try world.change(name) { repository, state in
                repository.suites.append(
                    suite(of: commit, branch: head == name ? branch : nil, GitHubStandIn.idleApp, &state))
            }
        }
        for workflow in repository.seed.workflows {
            try await startRun(
                workflow, commit: commit, branch: branch, head: head, event: event, actor: actor, name)
        }
    }

    private func startRun(
        _ workflow: Workflow, commit: String, branch: String, head: String, event: String, actor: String,
        _ name: String
    ) async throws {
        let now = world.now
        let run = try world.change(name) { repository, state in
            guard let made = repository.commits[commit] else {
                throw SandboxInputError("\(name) has no commit \(commit)")
            }
            let suite = suite(
                of: commit, branch: head == name ? branch : nil, GitHubStandIn.actionsApp, &state)
            repository.suites.append(suite)
            let check = CheckRun(
                id: state.nextID(), suiteID: suite.id, sha: commit, name: workflow.name,
                appSlug: GitHubStandIn.actionsApp, status: "queued", externalID: "", detailsURL: "", startedAt: now)
            repository.checkRuns.append(check)
            let run = WorkflowRun(
                id: state.nextID(), workflow: workflow, sha: commit, branch: branch, headRepository: head, event: event,
                title: made.message, actor: actor,
                number: repository.workflowRuns.count { $0.workflow.id == workflow.id } + 1, suiteID: suite.id,
                checkRunID: check.id, createdAt: now, startedAt: now, updatedAt: now)
            repository.workflowRuns.append(run)
            return run
        }
        try await tell("requested", run, name)
        try await proceed(run, name)
    }

    private func proceed(_ run: WorkflowRun, _ name: String) async throws {
        let now = world.now
        let going = try world.change(name) { repository, _ in
            guard let index = repository.workflowRuns.firstIndex(where: { $0.id == run.id }) else {
                throw GitHubError.notFound
            }
            repository.workflowRuns[index].status = "in_progress"
            repository.workflowRuns[index].updatedAt = now
            GitHubStandIn.mark(run, "in_progress", nil, now: now, &repository)
            return repository.workflowRuns[index]
        }
        try await tell("in_progress", going, name)
    }

    private func suite(of commit: String, branch: String?, _ slug: String, _ state: inout GitHubState) -> CheckSuite {
        CheckSuite(
            id: state.nextID(), sha: commit, branch: branch, before: nil, appSlug: slug, createdAt: world.now,
            updatedAt: world.now)
    }

    /// Gives the suite and the check of a run the state that the run has.
    private static func mark(
        _ run: WorkflowRun, _ status: String, _ conclusion: String?, now: Int64, _ repository: inout GitHubRepository
    ) {
        if let index = repository.suites.firstIndex(where: { $0.id == run.suiteID }) {
            repository.suites[index].status = status
            repository.suites[index].conclusion = conclusion
            repository.suites[index].updatedAt = now
        }
        if let index = repository.checkRuns.firstIndex(where: { $0.id == run.checkRunID }) {
            repository.checkRuns[index].status = status
            repository.checkRuns[index].conclusion = conclusion
            repository.checkRuns[index].completedAt = conclusion == nil ? nil : now
        }
    }

    private func workflow(_ name: String?, _ repository: String) throws -> Workflow {
        let all = try world.repository(repository).seed.workflows
        guard let found = all.first(where: { name == nil || $0.name == name || $0.path.hasSuffix("/\(name ?? "")") })
        else { throw SandboxInputError("\(repository) has no workflow \(name ?? ""); it has \(all.map(\.name))") }
        return found
    }

    private func run(of workflow: Workflow, _ commit: String, _ repository: String) throws -> WorkflowRun? {
        try world.repository(repository).workflowRuns.last { $0.workflow.id == workflow.id && $0.sha == commit }
    }

    private func repositoryBranch(_ commit: String, _ name: String) throws -> String {
        let repository = try world.repository(name)
        return repository.branches.first { $0.value == commit }?.key ?? repository.seed.defaultBranch
    }
}
