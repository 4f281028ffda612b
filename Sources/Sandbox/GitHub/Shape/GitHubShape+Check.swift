import Domain

extension GitHubShape {
    /// The open pull requests of a commit, in the short form. Those from forks are not among them: GitHub leaves them
    /// out of runs and suites.
    func pulls(of sha: String, _ repository: GitHubRepository) -> JSONValue {
        let found = repository.pulls.values.filter {
            $0.headSHA == sha && $0.headRepository == repository.fullName && $0.isOpen
        }
        let short: JSONValue = [
            "id": GitHubShape.number(repository.id), "url": .string(url(repository)), "name": .string(repository.name),
        ]
        return .array(
            found.sorted { $0.number < $1.number }.map { pull in
                [
                    "url": .string("\(url(repository))/pulls/\(pull.number)"), "id": GitHubShape.number(pull.id),
                    "number": GitHubShape.number(pull.number),
                    "head": ["ref": .string(pull.headBranch), "sha": .string(pull.headSHA), "repo": short],
                    "base": ["ref": .string(pull.baseBranch), "sha": .string(pull.baseSHA), "repo": short],
                ]
            })
    }

    func suite(
        _ suite: GitHubStandIn.CheckSuite, _ repository: GitHubRepository, _ state: GitHubState
    ) -> [String: JSONValue] {
        let url = "\(url(repository))/check-suites/\(suite.id)"
        return [
            "id": GitHubShape.number(suite.id), "node_id": GitHubShape.node("CheckSuite", suite.id),
            "head_branch": GitHubShape.text(suite.branch), "head_sha": .string(suite.sha),
            "status": .string(suite.status), "conclusion": GitHubShape.text(suite.conclusion), "url": .string(url),
            "before": GitHubShape.text(suite.before), "after": .string(suite.sha),
            "pull_requests": pulls(of: suite.sha, repository), "app": .object(app(slug: suite.appSlug)),
            "created_at": GitHubShape.time(suite.createdAt), "updated_at": GitHubShape.time(suite.updatedAt),
            "rerequestable": true, "runs_rerequestable": true,
            "latest_check_runs_count": GitHubShape.number(repository.checkRuns.count { $0.suiteID == suite.id }),
            "check_runs_url": .string("\(url)/check-runs"),
            "head_commit": repository.commits[suite.sha].map { simple($0, state) } ?? .null,
        ]
    }

    func checkRun(_ run: GitHubStandIn.CheckRun, _ repository: GitHubRepository) -> [String: JSONValue] {
        let url = "\(url(repository))/check-runs/\(run.id)"
        return [
            "id": GitHubShape.number(run.id), "node_id": GitHubShape.node("CheckRun", run.id),
            "head_sha": .string(run.sha), "external_id": .string(run.externalID), "url": .string(url),
            "html_url": .string("\(page(repository))/runs/\(run.id)"), "details_url": .string(run.detailsURL),
            "status": .string(run.status), "conclusion": GitHubShape.text(run.conclusion),
            "started_at": GitHubShape.time(run.startedAt), "completed_at": GitHubShape.time(run.completedAt),
            "output": [
                "title": GitHubShape.text(run.title), "summary": GitHubShape.text(run.summary),
                "text": GitHubShape.text(run.text), "annotations_count": GitHubShape.number(run.annotations.count),
                "annotations_url": .string("\(url)/annotations"),
            ],
            "name": .string(run.name), "check_suite": ["id": GitHubShape.number(run.suiteID)],
            "app": .object(app(slug: run.appSlug)), "pull_requests": pulls(of: run.sha, repository),
        ]
    }

    func workflow(_ workflow: GitHubStandIn.Workflow, _ repository: GitHubRepository) -> [String: JSONValue] {
        let branch = repository.seed.defaultBranch
        return [
            "id": GitHubShape.number(workflow.id), "node_id": GitHubShape.node("Workflow", workflow.id),
            "name": .string(workflow.name), "path": .string(workflow.path), "state": "active",
            "created_at": GitHubShape.time(repository.createdAt), "updated_at": GitHubShape.time(repository.createdAt),
            "url": .string("\(url(repository))/actions/workflows/\(workflow.id)"),
            "html_url": .string("\(page(repository))/blob/\(branch)/\(workflow.path)"),
            "badge_url": .string("\(page(repository))/workflows/\(workflow.name)/badge.svg"),
        ]
    }

    func workflowRun(
        _ run: GitHubStandIn.WorkflowRun, _ repository: GitHubRepository, _ state: GitHubState
    ) -> [String: JSONValue] {
        let url = "\(url(repository))/actions/runs/\(run.id)"
        let head = state.repository(run.headRepository) ?? repository
        return [
            "id": GitHubShape.number(run.id), "name": .string(run.workflow.name),
            "node_id": GitHubShape.node("WorkflowRun", run.id), "head_branch": .string(run.branch),
            "head_sha": .string(run.sha), "path": .string(run.workflow.path), "display_title": .string(run.title),
            "run_number": GitHubShape.number(run.number), "event": .string(run.event), "status": .string(run.status),
            "conclusion": GitHubShape.text(run.conclusion), "workflow_id": GitHubShape.number(run.workflow.id),
            "check_suite_id": GitHubShape.number(run.suiteID),
            "check_suite_node_id": GitHubShape.node("CheckSuite", run.suiteID), "url": .string(url),
            "html_url": .string("\(page(repository))/actions/runs/\(run.id)"),
            "pull_requests": pulls(of: run.sha, repository), "created_at": GitHubShape.time(run.createdAt),
            "updated_at": GitHubShape.time(run.updatedAt), "actor": user(run.actor, state),
            "run_attempt": GitHubShape.number(run.attempt), "referenced_workflows": [],
            "run_started_at": GitHubShape.time(run.startedAt), "triggering_actor": user(run.actor, state),
            "jobs_url": .string("\(url)/jobs"), "logs_url": .string("\(url)/logs"),
            "check_suite_url": .string("\(self.url(repository))/check-suites/\(run.suiteID)"),
            "artifacts_url": .string("\(url)/artifacts"), "cancel_url": .string("\(url)/cancel"),
            "rerun_url": .string("\(url)/rerun"),
            "previous_attempt_url": run.attempt > 1 ? .string("\(url)/attempts/\(run.attempt - 1)") : .null,
            "workflow_url": .string("\(self.url(repository))/actions/workflows/\(run.workflow.id)"),
            "head_commit": repository.commits[run.sha].map { simple($0, state) } ?? .null,
            "repository": .object(minimal(repository)), "head_repository": .object(minimal(head)),
        ]
    }
}
