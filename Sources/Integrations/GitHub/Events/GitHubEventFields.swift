import Domain

/// What matchers and templates of rules may name, and the kinds of event that have it.
enum GitHubEventFields {
    private static let pulls = ["pull_request", "pull_request_review", "pull_request_review_comment"]
    private static let runs = ["workflow_run", "workflow_job", "check_suite", "check_run"]
    private static let packages = ["package", "registry_package"]
    private static let issues = ["issue_comment", "issues"]
    private static let deployments = ["deployment", "deployment_status"]

    static let all = common + shared + own

    private static let common = [
        EventField("kind", "What happened, the value of X-GitHub-Event: push, pull_request, workflow_run"),
        EventField("action", "What was done: opened, synchronize, completed; empty for kinds without one"),
        EventField("repository", "The repository's full name, acme/api; empty for events without one"),
        EventField("owner", "The user or organisation it belongs to: acme"),
        EventField("repository_name", "The repository's own name: api"),
        EventField("default_branch", "The repository's default branch"),
        EventField("sender", "Who did it, by login name, which may change"),
        EventField("sender_id", "Who did it, by GitHub's number for the account"),
        EventField("sender_is_bot", "Whether a bot or app did it"),
    ]

    private static let shared = [
        EventField(
            "commit", "The full id of the head commit",
            kinds: pulls + runs + ["push", "status", "merge_group"] + deployments + packages),
        EventField(
            "branch", "The branch; that of the head for pull requests and runs",
            kinds: pulls + runs + [
                "push", "create", "delete", "release", "status", "merge_group", "workflow_dispatch",
                "repository_dispatch",
            ] + deployments),
        EventField("tag", "The tag; an event has a branch or a tag", kinds: ["push", "create", "delete", "release"]),
        EventField(
            "number", "The number of the pull request or issue; for runs, of the first pull request they belong to",
            kinds: pulls + runs + issues),
        EventField("title", "The title", kinds: pulls + issues + ["release", "security_advisory"]),
        EventField("author", "Who wrote it, by login name", kinds: pulls + issues + ["release"]),
        EventField("author_id", "Who wrote it, by GitHub's number for the account", kinds: pulls + issues),
        EventField(
            "state", "open or closed; of a status: success, pending, failure, error, …",
            kinds: pulls + issues + ["status", "deployment_status"]),
        EventField(
            "url", "Its page; of a deployment status, what was deployed",
            kinds: pulls + runs + issues + ["release", "status", "deployment_status"]),
        EventField("base_branch", "The branch that it is to be merged into", kinds: pulls + ["merge_group"]),
        EventField("draft", "Whether it is a draft", kinds: pulls + ["release"]),
        EventField("label", "The label that was added or taken away", kinds: pulls + ["issues"]),
        EventField("description", "What the status says", kinds: ["status", "deployment_status"]),
        EventField(
            "workflow", "The workflow's name; of checks, the check's or its app's",
            kinds: runs + ["workflow_dispatch"]),
    ]

    private static let own = [
        EventField("merged", "Whether it was merged", kinds: pulls),
        EventField("is_fork", "Whether its commits are of another repository, or of one that is gone", kinds: pulls),
        EventField("head_repository", "The repository of its commits, empty when that is gone", kinds: pulls),
        EventField("labels", "Its labels, with commas between", kinds: pulls),
        EventField("review_state", "approved, changes_requested, commented", kinds: ["pull_request_review"]),
        EventField("reviewer", "Who reviewed it, by login name", kinds: Array(pulls.dropFirst())),
        EventField("is_default_branch", "Whether the default branch was pushed to", kinds: ["push"]),
        EventField("before", "The full id of the commit before", kinds: ["push"]),
        EventField("forced", "Whether commits were taken away", kinds: ["push"]),
        EventField("created", "Whether the branch or tag is new", kinds: ["push"]),
        EventField("deleted", "Whether the branch or tag is gone", kinds: ["push"]),
        EventField("message", "The first line of the head commit's message", kinds: ["push"]),
        EventField("pusher", "Who pushed", kinds: ["push"]),
        EventField("job", "The job's name", kinds: ["workflow_job"]),
        EventField("status", "queued, in_progress, completed", kinds: runs),
        EventField("conclusion", "success, failure, cancelled, …; empty before the end", kinds: runs),
        EventField("event", "What started the workflow: push, pull_request; empty for other runs", kinds: runs),
        EventField("is_pull_request", "Whether it is about a pull request", kinds: issues),
        EventField("comment", "The comment in one line, at most 1,000 characters", kinds: ["issue_comment"]),
        EventField("context", "The status' name: ci/build", kinds: ["status"]),
        EventField("deployment", "GitHub's number for the deployment", kinds: deployments),
        EventField("environment", "Where it is deployed to: production", kinds: deployments),
        EventField("task", "What is deployed for: deploy", kinds: deployments),
        EventField("prerelease", "Whether it is a prerelease", kinds: ["release"]),
        EventField("package", "The package's name", kinds: packages),
        EventField("package_type", "container, npm, …", kinds: packages),
        EventField("version", "The package's version", kinds: packages),
        EventField("advisory", "The advisory's id, GHSA-…", kinds: ["security_advisory"]),
        EventField("severity", "low, moderate, high, critical", kinds: ["security_advisory"]),
        EventField("hook_id", "The webhook's id", kinds: ["ping"]),
    ]
}
