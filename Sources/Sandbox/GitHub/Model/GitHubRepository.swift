/// A repository as the stand-in keeps it.
struct GitHubRepository: Sendable {
    var id: Int
    var owner: GitHubStandIn.User
    var name: String
    var seed: GitHubStandIn.Seed
    /// The full name of the repository from which this one was forked.
    var parent: String?
    var createdAt: Int64
    var pushedAt: Int64
    /// Branch → SHA.
    var branches: [String: String] = [:]
    var commits: [String: GitHubStandIn.Commit] = [:]
    /// Files of single commits.
    var files: [String: [String: GitHubStandIn.File]] = [:]
    var pulls: [Int: GitHubStandIn.PullRequest] = [:]
    var comments: [GitHubStandIn.Comment] = []
    var deployments: [GitHubStandIn.Deployment] = []
    var suites: [GitHubStandIn.CheckSuite] = []
    var checkRuns: [GitHubStandIn.CheckRun] = []
    var workflowRuns: [GitHubStandIn.WorkflowRun] = []
    var statuses: [GitHubStandIn.CommitStatus] = []
    /// Branches whose merge with the default branch conflicts.
    var conflicting: Set<String> = []
    /// Number of the newest pull request.
    var lastNumber = 0

    var fullName: String { "\(owner.login)/\(name)" }

    /// The SHA that a branch, `heads/…`, `refs/heads/…`, a full SHA or a prefix of at least seven digits names.
    func sha(of ref: String) -> String? {
        for prefix in ["", "refs/heads/", "heads/"] where ref.hasPrefix(prefix) {
            if let sha = branches[String(ref.dropFirst(prefix.count))] { return sha }
        }
        if commits[ref] != nil { return ref }
        guard ref.count >= 7, ref.allSatisfy(\.isHexDigit) else { return nil }
        let found = commits.keys.filter { $0.hasPrefix(ref.lowercased()) }
        return found.count == 1 ? found.first : nil
    }

    /// Whether `old` is `new` or one of its ancestors.
    func isAncestor(_ old: String, of new: String) -> Bool {
        var (open, seen) = ([new], Set<String>())
        while let sha = open.popLast() {
            if sha == old { return true }
            if seen.insert(sha).inserted { open += commits[sha]?.parents ?? [] }
        }
        return false
    }
}
