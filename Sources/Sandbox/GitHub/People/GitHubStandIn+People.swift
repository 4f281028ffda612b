import Domain
import Foundation

extension GitHubStandIn {
    /// Opens a pull request with one new commit on a new branch, of the repository itself or of the author's fork, and
    /// returns its number. Throws `SandboxInputError` for a repository that is not there.
    @discardableResult
    package func openPullRequest(
        repository name: String, branch: String, fromFork: Bool = false, title: String = "", author: String,
        base: String? = nil, isDraft: Bool = false, body: String = "", labels: [String] = []
    ) async throws -> Int {
        try known(name)
        let now = world.now
        let title = title.isEmpty ? branch : title
        let number = try world.change { state in
            guard let before = state.repository(name) else { throw SandboxInputError("there is no \(name)") }
            _ = state.account(author)
            let headName = fromFork ? fork(of: before, by: author, &state) : before.fullName
            let baseBranch = base ?? before.seed.defaultBranch
            guard let baseSHA = before.branches[baseBranch] else {
                throw SandboxInputError("\(name) has no branch \(baseBranch)")
            }
            let commit = state.commit(title, by: author, parents: [baseSHA], now: now)
            move(branch, to: commit, in: headName, &state)
            guard var repository = state.repository(name) else { throw SandboxInputError("there is no \(name)") }
            repository.commits[commit.sha] = commit
            repository.lastNumber += 1
            var pull = PullRequest(
                id: state.nextID(), number: repository.lastNumber, title: title, body: body, author: author,
                headRepository: headName, headBranch: branch, headSHA: commit.sha, baseBranch: baseBranch,
                baseSHA: baseSHA, createdAt: now, updatedAt: now)
            pull.isDraft = isDraft
            pull.labels = labels
            repository.pulls[pull.number] = pull
            state.put(repository)
            return pull.number
        }
        try await tell("opened", number, name, by: author)
        try await startWorkflows(of: number, name)
        return number
    }

    /// Adds a commit to the head branch and returns its SHA.
    @discardableResult
    package func push(
        _ number: Int, repository name: String, message: String = "Mend it", isForced: Bool = false
    ) async throws -> String {
        let old = try pull(number, name)
        guard old.isOpen, let headName = old.headRepository else {
            throw SandboxInputError("pull request \(number) takes no commit: it is closed or its fork is gone")
        }
        let sha = try world.change { state in
            // A forced push throws the old commits away.
            let parent = isForced ? old.baseSHA : old.headSHA
            let commit = state.commit(message, by: old.author, parents: [parent], now: world.now)
            move(old.headBranch, to: commit, in: headName, &state)
            guard var repository = state.repository(name) else { throw GitHubError.notFound }
            repository.commits[commit.sha] = commit
            repository.pulls[number]?.headSHA = commit.sha
            repository.pulls[number]?.updatedAt = world.now
            state.put(repository)
            return commit.sha
        }
        if headName == name {
            try await tellPush(
                name, old.headBranch, before: old.headSHA, after: sha, by: old.author, isForced: isForced)
        }
        try await tell(
            "synchronize", number, name, by: old.author,
            ["before": .string(old.headSHA), "after": .string(sha)])
        try await startWorkflows(of: number, name)
        return sha
    }

    /// Closes a pull request without merging it.
    package func close(_ number: Int, repository name: String, by login: String? = nil) async throws {
        let old = try pull(number, name)
        guard old.isOpen else { throw SandboxInputError("pull request \(number) is closed already") }
        try world.change(name) { repository, _ in
            repository.pulls[number]?.isOpen = false
            repository.pulls[number]?.closedAt = world.now
            repository.pulls[number]?.updatedAt = world.now
        }
        try await tell("closed", number, name, by: login ?? old.author)
    }

    /// Merges a pull request: a merge commit on its base branch. Returns its SHA.
    @discardableResult
    package func merge(_ number: Int, repository name: String, by login: String? = nil) async throws -> String {
        let old = try pull(number, name)
        guard old.isOpen else { throw SandboxInputError("pull request \(number) is closed already") }
        let who = login ?? old.author
        let (before, sha) = try world.change(name) { repository, state in
            let before = repository.branches[old.baseBranch] ?? old.baseSHA
            let merge = state.commit(
                "Merge pull request #\(number) from \(old.headBranch)", by: who, parents: [before, old.headSHA],
                now: world.now)
            repository.commits[merge.sha] = merge
            repository.branches[old.baseBranch] = merge.sha
            repository.pulls[number]?.isOpen = false
            repository.pulls[number]?.closedAt = world.now
            repository.pulls[number]?.mergedAt = world.now
            repository.pulls[number]?.updatedAt = world.now
            repository.pulls[number]?.mergedBy = who
            repository.pulls[number]?.mergeCommitSHA = merge.sha
            return (before, merge.sha)
        }
        try await tell("closed", number, name, by: who)
        try await tellPush(name, old.baseBranch, before: before, after: sha, by: who)
        try await startWorkflows(commit: sha, branch: old.baseBranch, head: name, event: "push", actor: who, name)
        return sha
    }

    /// Opens a closed pull request again. One that was merged stays closed.
    package func reopen(_ number: Int, repository name: String, by login: String? = nil) async throws {
        let old = try pull(number, name)
        guard !old.isOpen, !old.isMerged else {
            throw SandboxInputError("pull request \(number) cannot be reopened: it is open or merged")
        }
        try world.change(name) { repository, _ in
            repository.pulls[number]?.isOpen = true
            repository.pulls[number]?.closedAt = nil
            repository.pulls[number]?.updatedAt = world.now
        }
        try await tell("reopened", number, name, by: login ?? old.author)
    }

    /// Adds a commit to the default branch and returns its SHA.
    @discardableResult
    package func pushToDefaultBranch(
        repository name: String, by login: String, message: String = "Improve main"
    ) async throws -> String {
        try known(name)
        let (branch, before, sha) = try world.change(name) { repository, state in
            _ = state.account(login)
            let branch = repository.seed.defaultBranch
            let before = repository.branches[branch] ?? ""
            let commit = state.commit(message, by: login, parents: [before], now: world.now)
            repository.commits[commit.sha] = commit
            repository.branches[branch] = commit.sha
            repository.pushedAt = world.now
            return (branch, before, commit.sha)
        }
        try await tellPush(name, branch, before: before, after: sha, by: login)
        try await startWorkflows(commit: sha, branch: branch, head: name, event: "push", actor: login, name)
        return sha
    }

    /// Writes a comment and returns its id.
    @discardableResult
    package func comment(on number: Int, repository name: String, by login: String, text: String) async throws -> Int {
        _ = try pull(number, name)
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw SandboxInputError("there is nothing to send: write a comment") }
        let comment = try world.change(name) { repository, state in
            let comment = Comment(
                id: state.nextID(), number: number, author: state.account(login), body: text, createdAt: world.now,
                updatedAt: world.now)
            repository.comments.append(comment)
            return comment
        }
        let shape = GitHubShape(api: try await url())
        let repository = try world.repository(name)
        if let event = hooks.commentEvent("created", comment, repository, by: login, shape) {
            await hooks.deliver(event)
        }
        return comment.id
    }

    /// Deletes the repository from which a pull request came, as authors do after a merge.
    package func deleteFork(of number: Int, repository name: String) throws {
        let pull = try pull(number, name)
        guard let fork = pull.headRepository, fork != name else {
            throw SandboxInputError("pull request \(number) does not come from a fork")
        }
        try world.change(name) { repository, state in
            repository.pulls[number]?.headRepository = nil
            state.removeRepository(fork)
        }
    }

    /// Removes a branch without telling anybody.
    package func deleteBranch(_ branch: String, repository name: String) throws {
        try world.change(name) { repository, _ in repository.branches[branch] = nil }
    }

    private func fork(of repository: GitHubRepository, by author: String, _ state: inout GitHubState) -> String {
        let name = "\(author)/\(repository.name)"
        if state.repository(name) == nil {
            var seed = repository.seed
            seed.owner = author
            state.addRepository(seed, now: world.now, parent: repository.fullName)
        }
        return name
    }

    private func move(_ branch: String, to commit: Commit, in name: String, _ state: inout GitHubState) {
        guard var repository = state.repository(name) else { return }
        repository.commits[commit.sha] = commit
        repository.branches[branch] = commit.sha
        repository.pushedAt = world.now
        state.put(repository)
    }
}
