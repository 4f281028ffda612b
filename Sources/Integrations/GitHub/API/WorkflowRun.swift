/// A run of a workflow, as the API tells it.
struct WorkflowRun: Decodable, Sendable {
    var id: Int
    var name: String?
    /// The file: `.github/workflows/build.yml`, with `@` and a reference behind it for a reusable one.
    var path: String?
    var headSha: String
    var status: String?
    var conclusion: String?
    var htmlUrl: String
    var runNumber: Int?

    /// Whether people mean it by a workflow's name, its file's name or the file's path.
    func isOf(_ workflow: String) -> Bool {
        if name == workflow { return true }
        let file = (path ?? "").prefix { $0 != "@" }
        return file == workflow || file.split(separator: "/").last.map(String.init) == workflow
    }
}

extension GitHubClient {
    /// The newest run of a workflow for a commit; nil when there is none yet.
    func newestRun(of workflow: String, for commit: String, in repository: RepositoryName) async throws -> WorkflowRun?
    {
        struct Page: Decodable { var workflowRuns: [WorkflowRun] }
        var newest: WorkflowRun?
        let call = GitHubCall(repository, "/actions/runs", query: [("head_sha", commit)])
        try await pages(call, maxPages: 10) { page in
            for run in try page.decode(Page.self).workflowRuns
            where run.isOf(workflow) && run.headSha.lowercased() == commit && run.id > newest?.id ?? 0 {
                newest = run
            }
            return true
        }
        return newest
    }
}
