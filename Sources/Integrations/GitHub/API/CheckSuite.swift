/// All checks of one app for a commit, as the API tells them.
struct CheckSuite: Decodable, Sendable {
    struct App: Decodable, Sendable {
        var id: Int
        var name: String?
    }

    var id: Int
    var status: String?
    var conclusion: String?
    var latestCheckRunsCount: Int?
    var app: App?

    var name: String { app?.name ?? "suite \(id)" }
}

/// One check, as the API tells it.
struct CheckRun: Decodable, Sendable {
    struct Suite: Decodable, Sendable { var id: Int }
    struct Output: Decodable, Sendable {
        var title: String?
        var summary: String?
        var annotationsCount: Int?
    }

    var id: Int
    var name: String
    var externalId: String?
    var status: String?
    var conclusion: String?
    var htmlUrl: String?
    var detailsUrl: String?
    var output: Output?
    var checkSuite: Suite?
}

extension GitHubClient {
    func checkSuites(of commit: String, in repository: RepositoryName) async throws -> [CheckSuite] {
        struct Page: Decodable { var checkSuites: [CheckSuite] }
        var suites: [CheckSuite] = []
        try await pages(GitHubCall(repository, "/commits/\(commit)/check-suites"), maxPages: 5) { page in
            suites += try page.decode(Page.self).checkSuites
            return true
        }
        return suites
    }

    /// The latest run of each check of a commit.
    func latestCheckRuns(of commit: String, in repository: RepositoryName) async throws -> [CheckRun] {
        try await checkRuns(GitHubCall(repository, "/commits/\(commit)/check-runs", query: [("filter", "latest")]))
    }

    /// All runs of one name for a commit, the older ones too.
    func checkRuns(named name: String, of commit: String, in repository: RepositoryName) async throws -> [CheckRun] {
        try await checkRuns(
            GitHubCall(
                repository, "/commits/\(commit)/check-runs", query: [("check_name", name), ("filter", "all")]))
    }

    private func checkRuns(_ call: GitHubCall) async throws -> [CheckRun] {
        struct Page: Decodable { var checkRuns: [CheckRun] }
        var runs: [CheckRun] = []
        try await pages(call, maxPages: 10) { page in
            runs += try page.decode(Page.self).checkRuns
            return true
        }
        return runs
    }
}
