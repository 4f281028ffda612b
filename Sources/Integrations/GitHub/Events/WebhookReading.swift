import Domain

/// What one delivery says: its attributes, what it is about, and what makes it one event.
struct WebhookReading: Sendable {
    let kind: String
    let payload: WebhookPayload
    /// What matchers and templates see.
    let attributes: [String: JSONValue]

    init(kind: String, payload: WebhookPayload) {
        self.kind = kind
        self.payload = payload
        var attributes = EventAttributes()
        WebhookReading.addCommon(payload, kind, to: &attributes)
        WebhookReading.addOwn(payload, kind, to: &attributes)
        self.attributes = attributes.members
    }

    /// The whole object that a kind is about, and without which it says nothing.
    var missingPart: String? {
        let (name, isThere): (String, Bool) =
            switch kind {
            case "pull_request", "pull_request_review": ("pull_request", payload.pullRequest != nil)
            case "push": ("ref, before and after", payload.ref != nil && payload.before != nil && payload.after != nil)
            case "workflow_run": ("workflow_run", payload.workflowRun != nil)
            case "workflow_job": ("workflow_job", payload.workflowJob != nil)
            case "check_suite": ("check_suite", payload.checkSuite != nil)
            case "check_run": ("check_run", payload.checkRun != nil)
            case "issue_comment": ("issue and comment", payload.issue != nil && payload.comment != nil)
            case "deployment": ("deployment", payload.deployment != nil)
            case "deployment_status":
                ("deployment and deployment_status", payload.deployment != nil && payload.deploymentStatus != nil)
            case "release": ("release", payload.release != nil)
            default: ("", true)
            }
        return isThere ? nil : name
    }

    /// When it happened, as the payload says it.
    var occurredAt: String? {
        switch kind {
        case "pull_request": payload.pullRequest?.updatedAt
        case "pull_request_review": payload.review?.submittedAt
        case "issue_comment": payload.comment?.updatedAt
        case "workflow_run": payload.workflowRun?.updatedAt
        default: nil
        }
    }

    /// What makes two deliveries one event; nil where only their ids tell. A webhook and an app send one event under
    /// two ids, and not with the same bytes.
    var contentKey: String? {
        let repository = payload.repository?.id.map(String.init) ?? text("repository")
        switch kind {
        case "pull_request":
            // Two labels of one second differ in nothing but their names.
            return key(
                repository, text("number"), text("action"), text("commit"), payload.pullRequest?.updatedAt,
                text("label"))
        case "push": return key(repository, payload.ref, payload.before, payload.after)
        case "workflow_run":
            guard let run = payload.workflowRun, let id = run.id else { return nil }
            return key(String(id), String(run.runAttempt ?? 1), text("action"))
        case "issue_comment":
            guard let comment = payload.comment, let id = comment.id else { return nil }
            return key(String(id), text("action"), comment.updatedAt)
        default: return nil
        }
    }

    /// What waits for news of a commit is woken by these.
    var topics: [String] {
        let kinds: Set = [
            "workflow_run", "check_suite", "check_run", "status", "deployment_status", "registry_package", "package",
        ]
        let commit = text("commit")
        guard kinds.contains(kind), !commit.isEmpty, !text("repository").isEmpty else { return [] }
        return [GitHubTopic.of(text("repository"), commit: commit)]
    }

    /// One line for people.
    var subject: String {
        let number = text("number")
        let place = text("repository") + (number.isEmpty ? "" : "#\(number)")
        let what = ["workflow", "environment", "context", "package", "branch", "tag"].lazy.map { text($0) }
            .first { !$0.isEmpty }
        // The state of a pull request follows from what was done.
        let how = [text("action"), text("conclusion"), kind.hasPrefix("pull_request") ? "" : text("state")]
        let parts = [kind, place, number.isEmpty ? what ?? "" : "", GitHubName.short(text("commit"))] + how
        return GitHubText.line(parts.filter { !$0.isEmpty }.joined(separator: " "), atMost: 200)
    }

    /// An attribute as text; "" when there is none.
    private func text(_ name: String) -> String { attributes[name]?.plainText ?? "" }

    private func key(_ parts: String?...) -> String {
        // A part that holds the separator could make two keys one.
        func whole(_ part: String) -> String {
            guard part.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "|") }) else { return part }
            return part.replacing("%", with: "%25").replacing("|", with: "%7C")
        }
        return ([kind] + parts.map { whole($0 ?? "") }).joined(separator: "|")
    }
}
