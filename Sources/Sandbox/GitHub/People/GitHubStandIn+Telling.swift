import Domain

extension GitHubStandIn {
    /// Tells the bot about a pull request.
    func tell(
        _ action: String, _ number: Int, _ name: String, by login: String, _ more: [String: JSONValue] = [:]
    ) async throws {
        let shape = GitHubShape(api: try await url())
        let (repository, state) = (try world.repository(name), world.snapshot)
        guard let pull = repository.pulls[number] else { return }
        await hooks.deliver(
            GitHubEvent(
                "pull_request", action, repository, by: login, shape, state,
                more.merging([
                    "number": GitHubShape.number(number), "pull_request": .object(shape.pull(pull, repository, state)),
                ]) { $1 }))
    }

    /// Tells the bot about a push to a branch.
    func tellPush(
        _ name: String, _ branch: String, before: String, after: String, by login: String, isForced: Bool = false
    ) async throws {
        let shape = GitHubShape(api: try await url())
        let (repository, state) = (try world.repository(name), world.snapshot)
        guard let commit = repository.commits[after] else { return }
        let page = shape.page(repository)
        var author = shape.gitUser(commit.author, state)
        author["username"] = .string(commit.author)
        var head = shape.simple(commit, state).objectValue ?? [:]
        head.merge([
            "distinct": true, "url": .string("\(page)/commit/\(after)"), "added": [], "removed": [],
            "modified": ["README.md"], "author": .object(author), "committer": .object(author),
        ]) { $1 }
        await hooks.deliver(
            GitHubEvent(
                "push", "", repository, by: login, shape, state,
                [
                    "ref": .string("refs/heads/\(branch)"), "before": .string(before), "after": .string(after),
                    "created": false, "deleted": false, "forced": .bool(isForced), "base_ref": .null,
                    "compare": .string("\(page)/compare/\(before.prefix(12))...\(after.prefix(12))"),
                    "commits": [.object(head)], "head_commit": .object(head),
                    "repository": .object(shape.pushed(repository)),
                    "pusher": .object(shape.gitUser(login, state).merging(["name": .string(login)]) { $1 }),
                ]))
    }

    /// Tells the bot about a run of a workflow.
    func tell(_ action: String, _ run: WorkflowRun, _ name: String) async throws {
        let shape = GitHubShape(api: try await url())
        let (repository, state) = (try world.repository(name), world.snapshot)
        await hooks.deliver(
            GitHubEvent(
                "workflow_run", action, repository, by: run.actor, shape, state,
                [
                    "workflow_run": .object(shape.workflowRun(run, repository, state)),
                    "workflow": .object(shape.workflow(run.workflow, repository)),
                ]))
    }

    /// Tells the bot that a suite, and its one check, are over.
    func tellCompleted(_ run: WorkflowRun, _ name: String) async throws {
        let shape = GitHubShape(api: try await url())
        let (repository, state) = (try world.repository(name), world.snapshot)
        guard let suite = repository.suites.first(where: { $0.id == run.suiteID }),
            let check = repository.checkRuns.first(where: { $0.id == run.checkRunID })
        else { return }
        var shown = shape.checkRun(check, repository)
        var short = shape.suite(suite, repository, state)
        for member in ["head_commit", "latest_check_runs_count", "check_runs_url"] { short[member] = nil }
        shown["check_suite"] = .object(short)
        await hooks.deliver(
            GitHubEvent(
                "check_run", "completed", repository, by: run.actor, shape, state, ["check_run": .object(shown)]))
        await hooks.deliver(
            GitHubEvent(
                "check_suite", "completed", repository, by: run.actor, shape, state,
                ["check_suite": .object(shape.suite(suite, repository, state))]))
    }

    /// Sends the `ping` with which GitHub tries a new hook.
    package func ping(repository name: String) async throws {
        let shape = GitHubShape(api: try await url())
        let (repository, state) = (try world.repository(name), world.snapshot)
        let hook = configuration.hooks.first?.id ?? 0
        let url = "\(shape.url(repository))/hooks/\(hook)"
        let time = GitHubShape.time(repository.createdAt)
        await hooks.deliver(
            GitHubEvent(
                "ping", "", repository, by: repository.owner.login, shape, state,
                [
                    "zen": "Anything added dilutes everything else.", "hook_id": GitHubShape.number(hook),
                    "hook": [
                        "type": "Repository", "id": GitHubShape.number(hook), "name": "web", "active": true,
                        "events": ["*"],
                        "config": [
                            "content_type": "json", "insecure_ssl": "0", "secret": "********",
                            "url": "https://bot.example.com/webhooks/github",
                        ], "updated_at": time, "created_at": time, "url": .string(url),
                        "test_url": .string("\(url)/test"), "ping_url": .string("\(url)/pings"),
                        "deliveries_url": .string("\(url)/deliveries"),
                        "last_response": ["code": .null, "status": "unused", "message": .null],
                    ],
                ]))
    }
}
