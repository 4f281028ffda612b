/// The members of a delivery's body that we read, of whichever kind it is (docs.github.com, "Webhook events and
/// payloads"). All may be missing.
struct WebhookPayload: Decodable, Sendable {
    @Tolerant var action: String?
    @Tolerant var number: Int?
    @Tolerant var repository: WebhookRepository?
    @Tolerant var organization: WebhookAccount?
    @Tolerant var installation: WebhookInstallation?
    @Tolerant var sender: WebhookAccount?
    @Tolerant var pullRequest: WebhookPullRequest?
    @Tolerant var review: WebhookReview?
    @Tolerant var label: WebhookLabel?
    @Tolerant var issue: WebhookIssue?
    @Tolerant var comment: WebhookComment?
    @Tolerant var workflowRun: WebhookRun?
    @Tolerant var workflowJob: WebhookRun?
    @Tolerant var checkSuite: WebhookRun?
    @Tolerant var checkRun: WebhookRun?
    @Tolerant var deployment: WebhookDeployment?
    @Tolerant var deploymentStatus: WebhookDeploymentStatus?
    @Tolerant var release: WebhookRelease?
    @Tolerant var mergeGroup: WebhookMergeGroup?
    @Tolerant var package: WebhookPackage?
    @Tolerant var registryPackage: WebhookPackage?
    @Tolerant var securityAdvisory: WebhookAdvisory?
    // push, create, delete, workflow_dispatch, repository_dispatch
    @Tolerant var ref: String?
    @Tolerant var refType: String?
    @Tolerant var before: String?
    @Tolerant var after: String?
    @Tolerant var created: Bool?
    @Tolerant var deleted: Bool?
    @Tolerant var forced: Bool?
    @Tolerant var headCommit: WebhookCommit?
    @Tolerant var pusher: WebhookAccount?
    @Tolerant var branch: String?
    @Tolerant var workflow: String?
    // status
    @Tolerant var sha: String?
    @Tolerant var state: String?
    @Tolerant var context: String?
    @Tolerant var description: String?
    @Tolerant var targetURL: String?
    @Tolerant var branches: [WebhookLabel]?
    // ping
    @Tolerant var hookID: Int?

    private enum CodingKeys: String, CodingKey {
        case action, number, repository, organization, installation, sender, review, label, issue, comment, deployment,
            release, package, ref, before, after, created, deleted, forced, pusher, branch, workflow, sha, state,
            context, description, branches
        case pullRequest = "pull_request"
        case workflowRun = "workflow_run"
        case workflowJob = "workflow_job"
        case checkSuite = "check_suite"
        case checkRun = "check_run"
        case deploymentStatus = "deployment_status"
        case mergeGroup = "merge_group"
        case registryPackage = "registry_package"
        case securityAdvisory = "security_advisory"
        case refType = "ref_type"
        case headCommit = "head_commit"
        case targetURL = "target_url"
        case hookID = "hook_id"
    }
}

struct WebhookAccount: Decodable, Sendable {
    @Tolerant var login: String?
    /// Of a pusher, who has no login.
    @Tolerant var name: String?
    @Tolerant var id: Int?
    @Tolerant var type: String?

    var isBot: Bool { type == "Bot" || login?.hasSuffix("[bot]") ?? false }
}

struct WebhookRepository: Decodable, Sendable {
    @Tolerant var id: Int?
    @Tolerant var name: String?
    @Tolerant var fullName: String?
    @Tolerant var defaultBranch: String?
    @Tolerant var owner: WebhookAccount?

    private enum CodingKeys: String, CodingKey {
        case id, name, owner
        case fullName = "full_name"
        case defaultBranch = "default_branch"
    }

    /// Its owner and name; nil where they are none, which is nobody's repository then.
    var wholeName: RepositoryName? {
        if let fullName { return RepositoryName(fullName) }
        guard let owner = owner?.login, let name else { return nil }
        return RepositoryName("\(owner)/\(name)")
    }
}

struct WebhookInstallation: Decodable, Sendable {
    @Tolerant var account: WebhookAccount?
}

/// Anything that has a name: a label, a branch.
struct WebhookLabel: Decodable, Sendable {
    @Tolerant var name: String?
}
