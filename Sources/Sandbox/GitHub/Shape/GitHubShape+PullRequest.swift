import Domain

extension GitHubShape {
    /// A pull request; lists leave some members out.
    func pull(
        _ pull: GitHubStandIn.PullRequest, _ repository: GitHubRepository, _ state: GitHubState, isListed: Bool = false
    ) -> [String: JSONValue] {
        let (base, page) = ("\(url(repository))/pulls/\(pull.number)", "\(page(repository))/pull/\(pull.number)")
        let issue = "\(url(repository))/issues/\(pull.number)"
        let statuses = "\(url(repository))/statuses/\(pull.headSHA)"
        var members: [String: JSONValue] = [
            "url": .string(base), "id": GitHubShape.number(pull.id),
            "node_id": GitHubShape.node("PullRequest", pull.id),
            "html_url": .string(page), "diff_url": .string("\(page).diff"), "patch_url": .string("\(page).patch"),
            "issue_url": .string(issue), "number": GitHubShape.number(pull.number),
            "state": .string(pull.isOpen ? "open" : "closed"), "locked": false, "title": .string(pull.title),
            "user": user(pull.author, state), "body": pull.body.isEmpty ? .null : .string(pull.body),
            "created_at": GitHubShape.time(pull.createdAt), "updated_at": GitHubShape.time(pull.updatedAt),
            "closed_at": GitHubShape.time(pull.closedAt), "merged_at": GitHubShape.time(pull.mergedAt),
            "merge_commit_sha": GitHubShape.text(pull.mergeCommitSHA), "assignee": .null, "assignees": [],
            "requested_reviewers": [], "requested_teams": [],
            "labels": .array(pull.labels.map { label($0, repository) }), "milestone": .null,
            "draft": .bool(pull.isDraft), "commits_url": .string("\(base)/commits"),
            "review_comments_url": .string("\(base)/comments"),
            "review_comment_url": .string("\(url(repository))/pulls/comments{/number}"),
            "comments_url": .string("\(issue)/comments"), "statuses_url": .string(statuses),
            "head": head(of: pull, state), "base": baseEnd(of: pull, repository),
            "_links": [
                "self": ["href": .string(base)], "html": ["href": .string(page)], "issue": ["href": .string(issue)],
                "comments": ["href": .string("\(issue)/comments")],
                "review_comments": ["href": .string("\(base)/comments")],
                "review_comment": ["href": .string("\(url(repository))/pulls/comments{/number}")],
                "commits": ["href": .string("\(base)/commits")], "statuses": ["href": .string(statuses)],
            ],
            "author_association": association(pull.author, repository), "auto_merge": .null,
            "active_lock_reason": .null,
        ]
        guard !isListed else { return members }
        members.merge([
            "merged": .bool(pull.isMerged), "mergeable": .null, "rebaseable": .null, "mergeable_state": "unknown",
            "merged_by": pull.mergedBy.map { user($0, state) } ?? .null,
            "comments": GitHubShape.number(repository.comments.count { $0.number == pull.number }),
            "review_comments": 0, "maintainer_can_modify": false, "commits": 1, "additions": 1, "deletions": 1,
            "changed_files": 1,
        ]) { $1 }
        return members
    }

    private func label(_ name: String, _ repository: GitHubRepository) -> JSONValue {
        [
            "id": 1_362_934_389, "node_id": GitHubShape.node("Label", 1_362_934_389),
            "url": .string("\(url(repository))/labels/\(name)"), "name": .string(name), "color": "d73a4a",
            "default": false, "description": .null,
        ]
    }

    private func head(of pull: GitHubStandIn.PullRequest, _ state: GitHubState) -> JSONValue {
        let repository = pull.headRepository.flatMap { state.repository($0) }
        return [
            "label": .string("\(repository?.owner.login ?? "unknown"):\(pull.headBranch)"),
            "ref": .string(pull.headBranch), "sha": .string(pull.headSHA),
            // When the fork is gone, GitHub has null here.
            "user": repository.map { user($0.owner) } ?? .null,
            "repo": repository.map { .object(full($0)) } ?? .null,
        ]
    }

    private func baseEnd(of pull: GitHubStandIn.PullRequest, _ repository: GitHubRepository) -> JSONValue {
        [
            "label": .string("\(repository.owner.login):\(pull.baseBranch)"), "ref": .string(pull.baseBranch),
            "sha": .string(pull.baseSHA), "user": user(repository.owner), "repo": .object(full(repository)),
        ]
    }

    /// The issue behind a pull request, as comments' payloads have it.
    func issue(
        _ pull: GitHubStandIn.PullRequest, _ repository: GitHubRepository, _ state: GitHubState
    ) -> [String: JSONValue] {
        let (url, page) = ("\(url(repository))/issues/\(pull.number)", "\(page(repository))/pull/\(pull.number)")
        var reactions = GitHubShape.noReactions
        reactions["url"] = .string("\(url)/reactions")
        return [
            "url": .string(url), "repository_url": .string(self.url(repository)),
            "labels_url": .string("\(url)/labels{/name}"), "comments_url": .string("\(url)/comments"),
            "events_url": .string("\(url)/events"), "html_url": .string(page), "id": GitHubShape.number(pull.id + 1),
            "node_id": GitHubShape.node("PullRequest", pull.id), "number": GitHubShape.number(pull.number),
            "title": .string(pull.title), "user": user(pull.author, state),
            "labels": .array(pull.labels.map { label($0, repository) }),
            "state": .string(pull.isOpen ? "open" : "closed"), "locked": false, "assignee": .null, "assignees": [],
            "milestone": .null,
            "comments": GitHubShape.number(repository.comments.count { $0.number == pull.number }),
            "created_at": GitHubShape.time(pull.createdAt), "updated_at": GitHubShape.time(pull.updatedAt),
            "closed_at": GitHubShape.time(pull.closedAt), "author_association": association(pull.author, repository),
            "active_lock_reason": .null, "draft": .bool(pull.isDraft),
            "pull_request": [
                "url": .string("\(self.url(repository))/pulls/\(pull.number)"), "html_url": .string(page),
                "diff_url": .string("\(page).diff"), "patch_url": .string("\(page).patch"),
                "merged_at": GitHubShape.time(pull.mergedAt),
            ],
            "body": pull.body.isEmpty ? .null : .string(pull.body), "reactions": .object(reactions),
            "timeline_url": .string("\(url)/timeline"), "performed_via_github_app": .null, "state_reason": .null,
        ]
    }

    func comment(
        _ comment: GitHubStandIn.Comment, _ repository: GitHubRepository, app: GitHubStandIn.App?
    ) -> [String: JSONValue] {
        let url = "\(url(repository))/issues/comments/\(comment.id)"
        var reactions = GitHubShape.noReactions
        reactions["url"] = .string("\(url)/reactions")
        return [
            "url": .string(url),
            "html_url": .string("\(page(repository))/pull/\(comment.number)#issuecomment-\(comment.id)"),
            "issue_url": .string("\(self.url(repository))/issues/\(comment.number)"),
            "id": GitHubShape.number(comment.id), "node_id": GitHubShape.node("IssueComment", comment.id),
            "user": user(comment.author), "created_at": GitHubShape.time(comment.createdAt),
            "updated_at": GitHubShape.time(comment.updatedAt),
            "author_association": association(comment.author.login, repository), "body": .string(comment.body),
            "reactions": .object(reactions),
            "performed_via_github_app": comment.isViaApp ? app.map { .object(self.app($0)) } ?? .null : .null,
        ]
    }
}
