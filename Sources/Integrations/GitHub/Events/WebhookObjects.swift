/// An issue, or a pull request as an issue.
struct WebhookIssue: Decodable, Sendable {
    struct Link: Decodable, Sendable {}

    @Tolerant var number: Int?
    @Tolerant var title: String?
    @Tolerant var state: String?
    @Tolerant var user: WebhookAccount?
    /// There when it is a pull request.
    @Tolerant var pullRequest: Link?
    @Tolerant var htmlURL: String?

    private enum CodingKeys: String, CodingKey {
        case number, title, state, user
        case pullRequest = "pull_request"
        case htmlURL = "html_url"
    }
}

/// A comment on an issue or pull request.
struct WebhookComment: Decodable, Sendable {
    @Tolerant var id: Int?
    @Tolerant var body: String?
    @Tolerant var user: WebhookAccount?
    @Tolerant var updatedAt: String?
    @Tolerant var htmlURL: String?

    private enum CodingKeys: String, CodingKey {
        case id, body, user
        case updatedAt = "updated_at"
        case htmlURL = "html_url"
    }
}

/// A run of a workflow, a job of one, a check suite or a check run.
struct WebhookRun: Decodable, Sendable {
    struct PullRequest: Decodable, Sendable { @Tolerant var number: Int? }
    struct App: Decodable, Sendable { @Tolerant var name: String? }
    struct Suite: Decodable, Sendable {
        @Tolerant var headBranch: String?
        private enum CodingKeys: String, CodingKey { case headBranch = "head_branch" }
    }

    @Tolerant var id: Int?
    @Tolerant var name: String?
    @Tolerant var workflowName: String?
    @Tolerant var status: String?
    @Tolerant var conclusion: String?
    @Tolerant var event: String?
    @Tolerant var runAttempt: Int?
    @Tolerant var headSHA: String?
    @Tolerant var headBranch: String?
    @Tolerant var htmlURL: String?
    @Tolerant var detailsURL: String?
    @Tolerant var updatedAt: String?
    @Tolerant var pullRequests: [PullRequest]?
    /// Of a suite or check run: whose it is.
    @Tolerant var app: App?
    /// Of a check run: its suite.
    @Tolerant var checkSuite: Suite?

    private enum CodingKeys: String, CodingKey {
        case id, name, status, conclusion, event, app
        case workflowName = "workflow_name"
        case runAttempt = "run_attempt"
        case headSHA = "head_sha"
        case headBranch = "head_branch"
        case htmlURL = "html_url"
        case detailsURL = "details_url"
        case updatedAt = "updated_at"
        case pullRequests = "pull_requests"
        case checkSuite = "check_suite"
    }
}

struct WebhookCommit: Decodable, Sendable {
    @Tolerant var id: String?
    @Tolerant var message: String?
    @Tolerant var timestamp: String?
}

struct WebhookDeployment: Decodable, Sendable {
    @Tolerant var id: Int?
    @Tolerant var sha: String?
    @Tolerant var ref: String?
    @Tolerant var task: String?
    @Tolerant var environment: String?
}

struct WebhookDeploymentStatus: Decodable, Sendable {
    @Tolerant var state: String?
    @Tolerant var description: String?
    @Tolerant var environmentURL: String?

    private enum CodingKeys: String, CodingKey {
        case state, description
        case environmentURL = "environment_url"
    }
}

struct WebhookRelease: Decodable, Sendable {
    @Tolerant var tagName: String?
    @Tolerant var name: String?
    @Tolerant var draft: Bool?
    @Tolerant var prerelease: Bool?
    @Tolerant var author: WebhookAccount?
    @Tolerant var targetCommitish: String?
    @Tolerant var htmlURL: String?

    private enum CodingKeys: String, CodingKey {
        case name, draft, prerelease, author
        case tagName = "tag_name"
        case targetCommitish = "target_commitish"
        case htmlURL = "html_url"
    }
}

struct WebhookMergeGroup: Decodable, Sendable {
    @Tolerant var headSHA: String?
    @Tolerant var headRef: String?
    @Tolerant var baseRef: String?

    private enum CodingKeys: String, CodingKey {
        case headSHA = "head_sha"
        case headRef = "head_ref"
        case baseRef = "base_ref"
    }
}

/// A package of a registry: an image of GitHub's own, for instance.
struct WebhookPackage: Decodable, Sendable {
    struct Version: Decodable, Sendable {
        @Tolerant var version: String?
        /// The commit that it was made of.
        @Tolerant var targetOID: String?

        private enum CodingKeys: String, CodingKey {
            case version
            case targetOID = "target_oid"
        }
    }

    @Tolerant var name: String?
    @Tolerant var packageType: String?
    @Tolerant var packageVersion: Version?

    private enum CodingKeys: String, CodingKey {
        case name
        case packageType = "package_type"
        case packageVersion = "package_version"
    }
}

struct WebhookAdvisory: Decodable, Sendable {
    @Tolerant var id: String?
    @Tolerant var summary: String?
    @Tolerant var severity: String?

    private enum CodingKeys: String, CodingKey {
        case summary, severity
        case id = "ghsa_id"
    }
}
