import Domain

extension GitHubREST {
    /// Annotations in one request.
    static let maxAnnotations = 50
    /// Characters of an output's summary and text.
    static let maxOutput = 65_535

    /// docs.github.com/rest/checks
    var checkRoutes: [GitHubRoute] {
        [
            GitHubRoute("POST", "repos/:owner/:repo/check-runs", .installation) { call in try createCheckRun(call) },
            GitHubRoute("PATCH", "repos/:owner/:repo/check-runs/:id", .installation) { call in
                try updateCheckRun(call)
            },
            GitHubRoute("GET", "repos/:owner/:repo/check-runs/:id") { call in
                let (run, repository) = try checkRun(call)
                return .json(200, .object(call.shape.checkRun(run, repository)))
            },
            GitHubRoute("GET", "repos/:owner/:repo/check-runs/:id/annotations") { call in
                list(call, try checkRun(call).0.annotations)
            },
            GitHubRoute("GET", "repos/:owner/:repo/commits/*ref/check-runs") { call in try checkRuns(call) },
            GitHubRoute("GET", "repos/:owner/:repo/commits/*ref/check-suites") { call in
                let repository = try world.repository(call.repositoryName)
                let commit = try commit(call.parameter("ref"), repository)
                let state = world.snapshot
                return list(
                    call, named: "check_suites",
                    repository.suites.filter { $0.sha == commit.sha }.map { suite in
                        var members = call.shape.suite(suite, repository, state)
                        members["repository"] = .object(call.shape.minimal(repository))
                        return .object(members)
                    })
            },
        ]
    }

    private func checkRun(_ call: GitHubCall) throws -> (GitHubStandIn.CheckRun, GitHubRepository) {
        let repository = try world.repository(call.repositoryName)
        let id = try call.number("id")
        guard let run = repository.checkRuns.first(where: { $0.id == id }) else { throw GitHubError.notFound }
        return (run, repository)
    }

    private func checkRuns(_ call: GitHubCall) throws -> SandboxAnswer {
        let repository = try world.repository(call.repositoryName)
        let commit = try commit(call.parameter("ref"), repository)
        var found = repository.checkRuns.filter { $0.sha == commit.sha }
        if let name = call.request.query("check_name") { found.removeAll { $0.name != name } }
        if let status = call.request.query("status") { found.removeAll { $0.status != status } }
        if call.request.query("filter") != "all" {
            // The newest of each name.
            var newest: [String: Int] = [:]
            for run in found { newest["\(run.suiteID) \(run.name)"] = run.id }
            found.removeAll { newest["\($0.suiteID) \($0.name)"] != $0.id }
        }
        return list(
            call, named: "check_runs", found.reversed().map { .object(call.shape.checkRun($0, repository)) })
    }

    private func createCheckRun(_ call: GitHubCall) throws -> SandboxAnswer {
        guard let app = call.actor?.app else { throw GitHubError.notFound }
        let members = try GitHubMembers(call)
        let (name, head) = (try members.needed("name"), try members.needed("head_sha"))
        let run = try world.change(call.repositoryName) { repository, state in
            guard repository.commits[head] != nil else { throw GitHubError(422, "No commit found for SHA: \(head)") }
            let suite = suite(of: head, app.slug, &repository, &state)
            var run = GitHubStandIn.CheckRun(
                id: state.nextID(), suiteID: suite, sha: head, name: name, appSlug: app.slug, status: "queued",
                externalID: "", detailsURL: "https://defimon.example")
            try GitHubCheckChange(members, isNew: true).apply(to: &run, now: world.now)
            repository.checkRuns.append(run)
            refresh(suite, &repository)
            return run
        }
        return created(call.shape.checkRun(run, try world.repository(call.repositoryName)))
    }

    private func updateCheckRun(_ call: GitHubCall) throws -> SandboxAnswer {
        let (id, members) = (try call.number("id"), try GitHubMembers(call))
        let run = try world.change(call.repositoryName) { repository, _ in
            guard let index = repository.checkRuns.firstIndex(where: { $0.id == id }),
                repository.checkRuns[index].appSlug == call.actor?.app?.slug
            else { throw GitHubError.notFound }
            if let name = try members.text("name") { repository.checkRuns[index].name = name }
            try GitHubCheckChange(members, isNew: false).apply(to: &repository.checkRuns[index], now: world.now)
            refresh(repository.checkRuns[index].suiteID, &repository)
            return repository.checkRuns[index]
        }
        return .json(200, .object(call.shape.checkRun(run, try world.repository(call.repositoryName))))
    }

    /// The suite of an App for a commit, made when there is none.
    private func suite(
        of sha: String, _ slug: String, _ repository: inout GitHubRepository, _ state: inout GitHubState
    ) -> Int {
        if let found = repository.suites.first(where: { $0.sha == sha && $0.appSlug == slug }) { return found.id }
        let suite = GitHubStandIn.CheckSuite(
            id: state.nextID(), sha: sha, branch: repository.branches.first { $0.value == sha }?.key, before: nil,
            appSlug: slug, createdAt: world.now, updatedAt: world.now)
        repository.suites.append(suite)
        return suite.id
    }

    /// A suite is what its runs are.
    private func refresh(_ id: Int, _ repository: inout GitHubRepository) {
        guard let index = repository.suites.firstIndex(where: { $0.id == id }) else { return }
        let runs = repository.checkRuns.filter { $0.suiteID == id }
        let isOver = runs.allSatisfy { $0.status == "completed" }
        repository.suites[index].status = isOver ? "completed" : "in_progress"
        let bad = runs.compactMap(\.conclusion).first { !["success", "neutral", "skipped"].contains($0) }
        repository.suites[index].conclusion = isOver ? bad ?? "success" : nil
        repository.suites[index].updatedAt = world.now
    }
}
