import Domain

extension GitHubREST {
    /// docs.github.com/rest/repos, docs.github.com/rest/branches, docs.github.com/rest/commits and
    /// docs.github.com/rest/git/refs
    var repositoryRoutes: [GitHubRoute] {
        [
            GitHubRoute("GET", "repos/:owner/:repo") { call in
                .json(200, .object(call.shape.full(try world.repository(call.repositoryName))))
            },
            GitHubRoute("GET", "repos/:owner/:repo/branches") { call in
                let repository = try world.repository(call.repositoryName)
                return list(
                    call,
                    repository.branches.sorted { $0.key < $1.key }.map { name, sha in
                        [
                            "name": .string(name), "protected": false,
                            "commit": [
                                "sha": .string(sha), "url": .string("\(call.shape.url(repository))/commits/\(sha)"),
                            ],
                        ]
                    })
            },
            GitHubRoute("GET", "repos/:owner/:repo/branches/*branch") { call in try branch(call) },
            GitHubRoute("GET", "repos/:owner/:repo/git/ref/*ref") { call in try reference(call) },
            GitHubRoute("GET", "repos/:owner/:repo/tarball/*ref") { call in try tarball(call, call.parameter("ref")) },
            GitHubRoute("GET", "repos/:owner/:repo/tarball") { call in
                try tarball(call, world.repository(call.repositoryName).seed.defaultBranch)
            },
        ]
    }

    /// The route that takes every ref; those with something behind the ref come before it.
    var commitRoute: GitHubRoute {
        GitHubRoute("GET", "repos/:owner/:repo/commits/*ref") { call in
            let repository = try world.repository(call.repositoryName)
            let commit = try commit(call.parameter("ref"), repository)
            if call.request.header("accept")?.contains("application/vnd.github.sha") == true {
                return SandboxAnswer(
                    200, headers: [("Content-Type", "application/vnd.github.sha; charset=utf-8")],
                    body: Array(commit.sha.utf8))
            }
            return .json(200, .object(call.shape.commit(commit, repository, world.snapshot)))
        }
    }

    /// A commit by what names it. Throws GitHub's 422 when nothing has that name.
    func commit(_ ref: String, _ repository: GitHubRepository) throws -> GitHubStandIn.Commit {
        guard let sha = repository.sha(of: ref), let commit = repository.commits[sha] else {
            throw GitHubError(422, "No commit found for SHA: \(ref)")
        }
        return commit
    }

    private func branch(_ call: GitHubCall) throws -> SandboxAnswer {
        let repository = try world.repository(call.repositoryName)
        let name = call.parameter("branch")
        guard let sha = repository.branches[name], let commit = repository.commits[sha] else {
            throw GitHubError(404, "Branch not found")
        }
        let url = "\(call.shape.url(repository))/branches/\(name)"
        return .json(
            200,
            [
                "name": .string(name), "commit": .object(call.shape.commit(commit, repository, world.snapshot)),
                "_links": ["self": .string(url), "html": .string("\(call.shape.page(repository))/tree/\(name)")],
                "protected": .bool(name == repository.seed.defaultBranch),
                "protection": [
                    "enabled": false,
                    "required_status_checks": ["enforcement_level": "off", "contexts": [], "checks": []],
                ], "protection_url": .string("\(url)/protection"),
            ])
    }

    private func reference(_ call: GitHubCall) throws -> SandboxAnswer {
        let repository = try world.repository(call.repositoryName)
        let name = call.parameter("ref")
        guard name.hasPrefix("heads/"), let sha = repository.branches[String(name.dropFirst(6))] else {
            throw GitHubError.notFound
        }
        let url = call.shape.url(repository)
        return .json(
            200,
            [
                "ref": .string("refs/\(name)"), "node_id": GitHubShape.node("Ref", repository.id),
                "url": .string("\(url)/git/refs/\(name)"),
                "object": ["sha": .string(sha), "type": "commit", "url": .string("\(url)/git/commits/\(sha)")],
            ])
    }

    /// 302 to an address that holds for five minutes and needs no other proof.
    private func tarball(_ call: GitHubCall, _ ref: String) throws -> SandboxAnswer {
        let repository = try world.repository(call.repositoryName)
        guard repository.sha(of: ref) != nil else { throw GitHubError.notFound }
        let token = try archives.token()
        let address = "\(call.shape.api)/codeload/\(repository.fullName)/legacy.tar.gz/\(ref)?token=\(token)"
        return SandboxAnswer(302, headers: [("Location", address)])
    }
}
