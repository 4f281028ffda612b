import Domain
import Foundation

extension SandboxState {
    /// Pull requests shown, the newest.
    static let shownPulls = 50
    /// Deployments shown, the newest.
    static let shownDeployments = 30

    /// The page's picture of GitHub; null when there is none.
    func github() async -> JSONValue {
        guard let place = world.repository else { return .null }
        let github = place.github
        guard let repository = github.world.snapshot.repository(place.name) else { return .null }
        let base = (try? await github.url()) ?? ""  // a server that is over has no address
        let pulls = github.pullRequests(in: place.name).prefix(SandboxState.shownPulls)
        let deployments = repository.deployments.suffix(SandboxState.shownDeployments).reversed()
        let head = repository.branches[repository.seed.defaultBranch] ?? ""
        let owned = Dictionary(
            pulls.map { ($0.number, commits(of: $0, repository)) }, uniquingKeysWith: { first, _ in first })
        return [
            "repository": .string(place.name), "branch": .string(repository.seed.defaultBranch),
            "head": .string(head), "message": .string(repository.commits[head]?.message ?? ""),
            "ci": ci(head, repository), "image": image(head, place),
            "pulls": .array(
                pulls.map { pull in
                    .object(
                        self.pull(pull, repository, place, base: base).merging([
                            "deployments": .array(
                                deployments.filter { owned[pull.number]?.contains($0.sha) == true }.map(deployment))
                        ]) { $1 })
                }),
            "deployments": .array(
                deployments.filter { one in !owned.values.contains { $0.contains(one.sha) } }.map(deployment)),
            "held": .int(Int64(github.heldDeliveries.count)),
        ]
    }

    private func pull(
        _ pull: GitHubStandIn.PullRequest, _ repository: GitHubRepository, _ place: SandboxRepository, base: String
    ) -> [String: JSONValue] {
        let bots = Set(place.github.botUsers.map(\.id))
        let state = pull.isMerged ? "merged" : !pull.isOpen ? "closed" : pull.isDraft ? "draft" : "open"
        let comments = repository.comments.filter { $0.number == pull.number }
        return [
            "number": .int(Int64(pull.number)), "title": .string(pull.title), "author": .string(pull.author),
            "state": .string(state), "fork": .bool(pull.headRepository != repository.fullName),
            "branch": .string(pull.headBranch), "base": .string(pull.baseBranch), "head": .string(pull.headSHA),
            "ci": ci(pull.headSHA, repository), "image": image(pull.headSHA, place),
            "url": .string("\(base)/\(repository.fullName)/pull/\(pull.number)"),
            "comments": .array(
                comments.map { comment in
                    [
                        "id": .int(Int64(comment.id)), "author": .string(comment.author.login),
                        "isBot": .bool(bots.contains(comment.author.id)), "body": .string(comment.body),
                        "edits": .int(Int64(comment.edits)), "at": time(comment.createdAt),
                        "editedAt": time(comment.updatedAt),
                    ]
                }),
        ]
    }

    private func deployment(_ deployment: GitHubStandIn.Deployment) -> JSONValue {
        let status = deployment.statuses.last
        return [
            "id": .int(Int64(deployment.id)), "environment": .string(deployment.environment),
            "state": .string(deployment.state), "sha": .string(deployment.sha),
            "url": .string(deployment.url ?? ""), "log": .string(status?.logURL ?? ""),
            "description": .string(status?.description ?? deployment.description ?? ""),
            "at": time(deployment.updatedAt),
        ]
    }

    /// How the newest run for a commit stands: `queued`, `in_progress`, its conclusion, or nothing.
    private func ci(_ sha: String, _ repository: GitHubRepository) -> JSONValue {
        guard let run = repository.workflowRuns.last(where: { $0.sha == sha }) else { return "" }
        return .string(run.conclusion ?? run.status)
    }

    /// Whether the image of a commit is in the registry; null when there is no registry.
    private func image(_ sha: String, _ place: SandboxRepository) -> JSONValue {
        place.registry.map { .bool($0.digest(image: place.image, tag: sha) != nil) } ?? .null
    }

    /// The commits of a pull request that are not its base's.
    private func commits(of pull: GitHubStandIn.PullRequest, _ repository: GitHubRepository) -> Set<String> {
        var (open, found) = ([pull.headSHA], Set<String>())
        while let sha = open.popLast(), found.count < 1000 {
            guard sha != pull.baseSHA, found.insert(sha).inserted else { continue }
            open += repository.commits[sha]?.parents.prefix(1) ?? []
        }
        return found
    }

    private func time(_ microseconds: Int64) -> JSONValue {
        .string(Date(microseconds: microseconds).formatted(Date.ISO8601FormatStyle()))
    }
}
