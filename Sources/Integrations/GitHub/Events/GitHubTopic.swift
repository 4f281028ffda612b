/// What events are news of, for jobs that wait: `github/acme/api@<commit>`.
enum GitHubTopic {
    static func of(_ repository: String, commit: String) -> String { "github/\(repository)@\(commit)" }
}
