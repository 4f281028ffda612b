import Domain

extension GitHubREST {
    /// The longest comment, in characters.
    static let maxComment = 65_536

    /// docs.github.com/rest/issues/comments
    var commentRoutes: [GitHubRoute] {
        [
            GitHubRoute("GET", "repos/:owner/:repo/issues/:number/comments") { call in
                let repository = try world.repository(call.repositoryName)
                let number = try call.number("number")
                guard repository.pulls[number] != nil else { throw GitHubError.notFound }
                return list(
                    call, repository.comments.filter { $0.number == number }.map { json($0, repository, call) })
            },
            GitHubRoute("POST", "repos/:owner/:repo/issues/:number/comments") { call in try create(call) },
            GitHubRoute("GET", "repos/:owner/:repo/issues/comments/:id") { call in
                let repository = try world.repository(call.repositoryName)
                let id = try call.number("id")
                guard let comment = repository.comments.first(where: { $0.id == id }) else {
                    throw GitHubError.notFound
                }
                return .json(200, json(comment, repository, call))
            },
            GitHubRoute("PATCH", "repos/:owner/:repo/issues/comments/:id") { call in try edit(call) },
            GitHubRoute("DELETE", "repos/:owner/:repo/issues/comments/:id") { call in
                let id = try call.number("id")
                let comment = try world.change(call.repositoryName) { repository, _ in
                    guard let index = repository.comments.firstIndex(where: { $0.id == id }) else {
                        throw GitHubError.notFound
                    }
                    return repository.comments.remove(at: index)
                }
                try hooks.comment("deleted", comment, call.repositoryName, by: call.user().login, call.shape)
                return SandboxAnswer(204)
            },
        ]
    }

    private func json(
        _ comment: GitHubStandIn.Comment, _ repository: GitHubRepository, _ call: GitHubCall
    ) -> JSONValue {
        .object(call.shape.comment(comment, repository, app: authority.app))
    }

    private func text(of call: GitHubCall) throws -> String {
        let body = try GitHubMembers(call).needed("body")
        guard !body.allSatisfy(\.isWhitespace) else {
            throw GitHubError.validation(
                "IssueComment", field: "data", code: "unprocessable", message: "Body cannot be blank")
        }
        guard body.unicodeScalars.count <= GitHubREST.maxComment else {
            throw GitHubError.validation(
                "IssueComment", field: "data", code: "unprocessable",
                message: "Body is too long (maximum is \(GitHubREST.maxComment) characters)")
        }
        return body
    }

    private func create(_ call: GitHubCall) throws -> SandboxAnswer {
        let (number, user) = (try call.number("number"), try call.user())
        let body = try text(of: call)
        let comment = try world.change(call.repositoryName) { repository, state in
            guard repository.pulls[number] != nil else { throw GitHubError.notFound }
            var comment = GitHubStandIn.Comment(
                id: state.nextID(), number: number, author: user, body: body, createdAt: world.now, updatedAt: world.now
            )
            comment.isViaApp = call.actor?.app != nil
            repository.comments.append(comment)
            return comment
        }
        try hooks.comment("created", comment, call.repositoryName, by: user.login, call.shape)
        let repository = try world.repository(call.repositoryName)
        return created(call.shape.comment(comment, repository, app: authority.app))
    }

    private func edit(_ call: GitHubCall) throws -> SandboxAnswer {
        let (id, user) = (try call.number("id"), try call.user())
        let body = try text(of: call)
        let comment = try world.change(call.repositoryName) { repository, _ in
            guard let index = repository.comments.firstIndex(where: { $0.id == id }) else { throw GitHubError.notFound }
            guard repository.comments[index].author.id == user.id else {
                throw GitHubError(403, "Must have admin rights to Repository.")
            }
            repository.comments[index].body = body
            repository.comments[index].updatedAt = world.now
            repository.comments[index].edits += 1
            return repository.comments[index]
        }
        try hooks.comment("edited", comment, call.repositoryName, by: user.login, call.shape)
        return .json(200, json(comment, try world.repository(call.repositoryName), call))
    }
}
