import Domain

extension GitHubStandIn {
    /// Full names of all repositories, forks among them, in the order in which they came.
    package var repositories: [String] { world.snapshot.repositoryNames }

    /// All accounts that are people's.
    package var people: [User] { configuration.users.filter { $0.kind == .user } }

    /// In whose name the bot writes: the token's user, or the App.
    package var botUsers: [User] { [configuration.tokenUser] + [configuration.app?.bot].compactMap { $0 } }

    /// A pull request; nil when there is none.
    package func pullRequest(_ number: Int, repository: String) -> PullRequest? {
        world.snapshot.repository(repository)?.pulls[number]
    }

    /// The newest first.
    package func pullRequests(in repository: String) -> [PullRequest] {
        (world.snapshot.repository(repository)?.pulls.values.sorted { $0.number > $1.number }) ?? []
    }

    /// The oldest first.
    package func comments(on number: Int, repository: String) -> [Comment] {
        world.snapshot.repository(repository)?.comments.filter { $0.number == number } ?? []
    }

    /// The oldest first.
    package func deployments(in repository: String, environment: String? = nil) -> [Deployment] {
        (world.snapshot.repository(repository)?.deployments ?? []).filter {
            environment == nil || $0.environment == environment
        }
    }

    /// The oldest first.
    package func statuses(of commit: String, repository: String) -> [CommitStatus] {
        world.snapshot.repository(repository)?.statuses.filter { $0.sha == commit } ?? []
    }

    /// The oldest first.
    package func checkRuns(of commit: String, repository: String) -> [CheckRun] {
        world.snapshot.repository(repository)?.checkRuns.filter { $0.sha == commit } ?? []
    }

    /// The oldest first.
    package func workflowRuns(of commit: String, repository: String) -> [WorkflowRun] {
        world.snapshot.repository(repository)?.workflowRuns.filter { $0.sha == commit } ?? []
    }

    /// The SHA of a branch's head; nil when there is no such branch.
    package func head(of branch: String, repository: String) -> String? {
        world.snapshot.repository(repository)?.branches[branch]
    }

    /// The SHA of the default branch's head.
    package func defaultHead(of repository: String) -> String? {
        guard let found = world.snapshot.repository(repository) else { return nil }
        return found.branches[found.seed.defaultBranch]
    }

    /// Everything sent to the bot, the newest last.
    package var deliveries: [Delivery] { hooks.deliveries }

    /// Sends a delivery again, under its own id. Throws `SandboxInputError` when there is none.
    package func redeliver(_ id: String) async throws {
        guard await hooks.redeliver(id) else { throw SandboxInputError("there is no delivery '\(id)'") }
    }

    /// Whether deliveries are held back instead of sent. Switching it off releases nothing by itself.
    package var isHoldingDeliveries: Bool {
        get { hooks.isHolding }
        set { hooks.isHolding = newValue }
    }

    /// What becomes of deliveries on their way to the bot; nil: they arrive.
    package var deliveryLoss: Loss? {
        get { hooks.loss }
        set { hooks.loss = newValue }
    }

    /// Every try to deliver that GitHub's lists still tell of, the newest first.
    package var deliveryTries: [Try] { hooks.tries { _ in true }.map(\.sent) }

    /// Ids of the deliveries that are held back, in the order in which they were made.
    package var heldDeliveries: [String] { hooks.held }

    /// Sends held deliveries in the order given; those that are not named stay held.
    package func release(_ ids: [String]) async { await hooks.release(ids) }

    /// Makes every token of the App's installations invalid at once.
    package func revokeInstallationTokens() { authority.revokeAll() }

    /// What a commit's tarball holds, in place of the repository's files.
    package func setFiles(_ files: [String: File], at commit: String, repository: String) throws {
        try world.change(repository) { repository, _ in repository.files[commit] = files }
    }

    /// Serves these bytes as a commit's tarball, whatever they are; nil: its files again.
    package func setTarball(_ bytes: [UInt8]?, at commit: String) { archives.replace(commit, with: bytes) }

    /// Whether a branch's merge with the default branch conflicts.
    package func setConflict(_ isConflicting: Bool, branch: String, repository: String) throws {
        try world.change(repository) { repository, _ in
            if isConflicting { repository.conflicting.insert(branch) } else { repository.conflicting.remove(branch) }
        }
    }

    /// A pull request. Throws `SandboxInputError` when there is none.
    func pull(_ number: Int, _ name: String) throws -> PullRequest {
        try known(name)
        guard let pull = pullRequest(number, repository: name) else {
            throw SandboxInputError("there is no pull request \(number) in \(name)")
        }
        return pull
    }

    /// Throws `SandboxInputError` when there is no such repository.
    func known(_ name: String) throws {
        guard world.snapshot.repository(name) != nil else {
            throw SandboxInputError("there is no repository '\(name)'; there are \(repositories)")
        }
    }
}
