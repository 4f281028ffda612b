import Domain

extension WebhookReading {
    /// What every kind has.
    static func addCommon(_ payload: WebhookPayload, _ kind: String, to attributes: inout EventAttributes) {
        attributes.text("kind", kind)
        attributes.text("action", payload.action)
        let repository = payload.repository?.wholeName
        attributes.text("repository", repository?.description)
        attributes.text(
            "owner", repository?.owner ?? payload.organization?.login ?? payload.installation?.account?.login)
        attributes.text("repository_name", repository?.name)
        attributes.text("default_branch", payload.repository?.defaultBranch)
        attributes.text("sender", payload.sender?.login)
        attributes.text("sender_id", payload.sender?.id.map(String.init))
        attributes.truth("sender_is_bot", payload.sender?.isBot)
    }

    /// What only its kind has.
    static func addOwn(_ payload: WebhookPayload, _ kind: String, to attributes: inout EventAttributes) {
        switch kind {
        case "pull_request", "pull_request_review", "pull_request_review_comment":
            if let pull = payload.pullRequest { add(pull, payload, kind, to: &attributes) }
        case "push": addPush(payload, to: &attributes)
        case "workflow_run", "workflow_job", "check_suite", "check_run":
            let run = payload.workflowRun ?? payload.workflowJob ?? payload.checkSuite ?? payload.checkRun
            if let run { add(run, kind, to: &attributes) }
        case "issue_comment", "issues": addIssue(payload, kind, to: &attributes)
        case "deployment", "deployment_status": addDeployment(payload, kind, to: &attributes)
        case "release": addRelease(payload, to: &attributes)
        case "create", "delete":
            let isTag = payload.refType == "tag"
            attributes.ref((isTag ? "refs/tags/" : "refs/heads/") + (payload.ref ?? ""))
        case "status": addStatus(payload, to: &attributes)
        case "package", "registry_package": addPackage(payload, to: &attributes)
        default: addRest(payload, kind, to: &attributes)
        }
    }

    private static func add(
        _ pull: WebhookPullRequest, _ payload: WebhookPayload, _ kind: String, to attributes: inout EventAttributes
    ) {
        attributes.number("number", pull.number ?? payload.number)
        attributes.text("title", pull.title)
        attributes.text("author", pull.user?.login)
        attributes.text("author_id", pull.user?.id.map(String.init))
        attributes.text("state", pull.state)
        attributes.truth("merged", pull.merged ?? (pull.mergedAt != nil))
        attributes.truth("draft", pull.draft)
        attributes.truth("is_fork", pull.isFork)
        attributes.text("commit", pull.head?.sha)
        attributes.text("branch", pull.head?.ref)
        attributes.text("base_branch", pull.base?.ref)
        attributes.text("head_repository", pull.head?.repo?.fullName)
        attributes.url("url", pull.htmlURL)
        attributes.text("label", payload.label?.name)
        let labels = (pull.labels ?? []).prefix(20).compactMap(\.name)
        attributes.text("labels", labels.joined(separator: ","), atMost: 400)
        guard kind != "pull_request" else { return }
        attributes.text("review_state", payload.review?.state)
        attributes.text("reviewer", payload.review?.user?.login ?? payload.comment?.user?.login)
    }

    private static func addPush(_ payload: WebhookPayload, to attributes: inout EventAttributes) {
        attributes.ref(payload.ref)
        let branch = payload.ref.map { $0.hasPrefix("refs/heads/") ? EventAttributes.branch($0) : "" } ?? ""
        attributes.truth("is_default_branch", !branch.isEmpty && branch == payload.repository?.defaultBranch)
        attributes.text("before", payload.before)
        attributes.text("commit", payload.after)
        attributes.truth("forced", payload.forced)
        attributes.truth("deleted", payload.deleted)
        attributes.truth("created", payload.created)
        attributes.text("message", payload.headCommit?.message.map(GitHubText.firstLine), atMost: 200)
        attributes.text("pusher", payload.pusher?.name ?? payload.pusher?.login)
    }

    private static func add(_ run: WebhookRun, _ kind: String, to attributes: inout EventAttributes) {
        attributes.text("workflow", kind == "workflow_job" ? run.workflowName : run.name ?? run.app?.name)
        if kind == "workflow_job" { attributes.text("job", run.name) }
        attributes.text("status", run.status)
        attributes.text("conclusion", run.conclusion)
        attributes.text("event", run.event)
        attributes.url("url", run.htmlURL ?? run.detailsURL)
        attributes.text("commit", run.headSHA)
        attributes.text("branch", run.headBranch ?? run.checkSuite?.headBranch)
        attributes.number("number", run.pullRequests?.first?.number)
    }

    private static func addIssue(_ payload: WebhookPayload, _ kind: String, to attributes: inout EventAttributes) {
        attributes.number("number", payload.issue?.number)
        attributes.truth("is_pull_request", payload.issue?.pullRequest != nil)
        attributes.text("title", payload.issue?.title)
        attributes.text("state", payload.issue?.state)
        if kind == "issues" { attributes.text("label", payload.label?.name) }
        if let body = payload.comment?.body {
            attributes.text("comment", body, atMost: 1000)
        }
        let author = payload.comment?.user ?? payload.issue?.user
        attributes.text("author", author?.login)
        attributes.text("author_id", author?.id.map(String.init))
        attributes.url("url", payload.comment?.htmlURL ?? payload.issue?.htmlURL)
    }

    private static func addDeployment(_ payload: WebhookPayload, _ kind: String, to attributes: inout EventAttributes) {
        attributes.number("deployment", payload.deployment?.id)
        attributes.text("environment", payload.deployment?.environment)
        attributes.text("task", payload.deployment?.task)
        attributes.text("commit", payload.deployment?.sha)
        attributes.ref(payload.deployment?.ref)
        guard kind == "deployment_status" else { return }
        attributes.text("state", payload.deploymentStatus?.state)
        attributes.text("description", payload.deploymentStatus?.description)
        attributes.url("url", payload.deploymentStatus?.environmentURL)
    }

    private static func addRelease(_ payload: WebhookPayload, to attributes: inout EventAttributes) {
        attributes.text("tag", payload.release?.tagName)
        attributes.text("title", payload.release?.name)
        attributes.truth("draft", payload.release?.draft)
        attributes.truth("prerelease", payload.release?.prerelease)
        attributes.text("author", payload.release?.author?.login)
        attributes.text("branch", payload.release?.targetCommitish)
        attributes.url("url", payload.release?.htmlURL)
    }

    private static func addStatus(_ payload: WebhookPayload, to attributes: inout EventAttributes) {
        attributes.text("commit", payload.sha)
        attributes.text("branch", payload.branches?.first?.name)
        attributes.text("context", payload.context)
        attributes.text("state", payload.state)
        attributes.text("description", payload.description)
        attributes.url("url", payload.targetURL)
    }

    private static func addPackage(_ payload: WebhookPayload, to attributes: inout EventAttributes) {
        let package = payload.package ?? payload.registryPackage
        attributes.text("package", package?.name)
        attributes.text("package_type", package?.packageType)
        attributes.text("version", package?.packageVersion?.version)
        attributes.text("commit", package?.packageVersion?.targetOID)
    }

    private static func addRest(_ payload: WebhookPayload, _ kind: String, to attributes: inout EventAttributes) {
        switch kind {
        case "merge_group":
            attributes.text("commit", payload.mergeGroup?.headSHA)
            attributes.ref(payload.mergeGroup?.headRef)
            attributes.text("base_branch", payload.mergeGroup?.baseRef.map(EventAttributes.branch))
        case "workflow_dispatch":
            attributes.text("workflow", payload.workflow)
            attributes.ref(payload.ref)
        case "repository_dispatch": attributes.text("branch", payload.branch)
        case "security_advisory":
            attributes.text("advisory", payload.securityAdvisory?.id)
            attributes.text("title", payload.securityAdvisory?.summary)
            attributes.text("severity", payload.securityAdvisory?.severity)
        case "ping": attributes.text("hook_id", payload.hookID.map(String.init))
        default: break
        }
    }
}
