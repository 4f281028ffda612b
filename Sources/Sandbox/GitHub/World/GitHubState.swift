import Domain

/// All that the stand-in knows.
struct GitHubState: Sendable {
    /// By login in lower case.
    private(set) var users: [String: GitHubStandIn.User] = [:]
    /// By full name in lower case.
    private var repositories: [String: GitHubRepository] = [:]
    /// Larger than 32 bits hold, as GitHub's are.
    private var lastID = 12_000_000_000
    private var lastCommit = 0
    /// Moments given out as tokens for tarballs.
    var archiveTokens: [String: Int64] = [:]

    init(users: [GitHubStandIn.User]) {
        for user in users { add(user) }
    }

    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func add(_ user: GitHubStandIn.User) { users[user.login.lowercased()] = user }

    func user(_ login: String) -> GitHubStandIn.User? { users[login.lowercased()] }

    /// An account that is made when it is not there.
    mutating func account(_ login: String, kind: GitHubStandIn.User.Kind = .user) -> GitHubStandIn.User {
        if let known = user(login) { return known }
        let user = GitHubStandIn.User(id: nextID() % 1_000_000_000, login: login, kind: kind)
        add(user)
        return user
    }

    var repositoryNames: [String] { repositories.values.sorted { $0.id < $1.id }.map(\.fullName) }

    func repository(_ name: String) -> GitHubRepository? { repositories[name.lowercased()] }

    func repository(id: Int) -> GitHubRepository? { repositories.values.first { $0.id == id } }

    mutating func put(_ repository: GitHubRepository) { repositories[repository.fullName.lowercased()] = repository }

    mutating func removeRepository(_ name: String) { repositories[name.lowercased()] = nil }

    /// Makes a repository with one commit on its default branch.
    mutating func addRepository(_ seed: GitHubStandIn.Seed, now: Int64, parent: String? = nil) {
        var repository = GitHubRepository(
            id: nextID() % 1_000_000_000, owner: account(seed.owner, kind: parent == nil ? .organization : .user),
            name: seed.name, seed: seed, parent: parent, createdAt: now, pushedAt: now)
        if let parent = parent.flatMap({ self.repository($0) }) {
            repository.commits = parent.commits
            repository.branches = parent.branches
            repository.files = parent.files
        } else {
            let first = commit("Begin", by: seed.owner, parents: [], now: now)
            repository.commits[first.sha] = first
            repository.branches[seed.defaultBranch] = first.sha
        }
        put(repository)
    }

    /// A new commit, whose SHA is the same in every run.
    mutating func commit(_ message: String, by author: String, parents: [String], now: Int64) -> GitHubStandIn.Commit {
        lastCommit += 1
        let text = "commit \(lastCommit)\n\(parents.joined(separator: " "))\n\(message)"
        let sha = String(Hex.encode(SHA256Digest.of(Array(text.utf8))).prefix(40))
        return GitHubStandIn.Commit(sha: sha, message: message, author: author, at: now, parents: parents)
    }
}
