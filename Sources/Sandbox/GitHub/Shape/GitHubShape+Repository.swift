import Domain

extension GitHubShape {
    /// Member → what is added to the repository's address.
    private static let addresses: [(String, String)] = [
        ("archive_url", "/{archive_format}{/ref}"), ("assignees_url", "/assignees{/user}"),
        ("blobs_url", "/git/blobs{/sha}"), ("branches_url", "/branches{/branch}"),
        ("collaborators_url", "/collaborators{/collaborator}"), ("comments_url", "/comments{/number}"),
        ("commits_url", "/commits{/sha}"), ("compare_url", "/compare/{base}...{head}"),
        ("contents_url", "/contents/{+path}"), ("contributors_url", "/contributors"),
        ("deployments_url", "/deployments"), ("downloads_url", "/downloads"), ("events_url", "/events"),
        ("forks_url", "/forks"), ("git_commits_url", "/git/commits{/sha}"), ("git_refs_url", "/git/refs{/sha}"),
        ("git_tags_url", "/git/tags{/sha}"), ("hooks_url", "/hooks"),
        ("issue_comment_url", "/issues/comments{/number}"), ("issue_events_url", "/issues/events{/number}"),
        ("issues_url", "/issues{/number}"), ("keys_url", "/keys{/key_id}"), ("labels_url", "/labels{/name}"),
        ("languages_url", "/languages"), ("merges_url", "/merges"), ("milestones_url", "/milestones{/number}"),
        ("notifications_url", "/notifications{?since,all,participating}"), ("pulls_url", "/pulls{/number}"),
        ("releases_url", "/releases{/id}"), ("stargazers_url", "/stargazers"), ("statuses_url", "/statuses/{sha}"),
        ("subscribers_url", "/subscribers"), ("subscription_url", "/subscription"), ("tags_url", "/tags"),
        ("teams_url", "/teams"), ("trees_url", "/git/trees{/sha}"),
    ]

    func url(_ repository: GitHubRepository) -> String { "\(api)/repos/\(repository.fullName)" }

    func page(_ repository: GitHubRepository) -> String { "\(html)/\(repository.fullName)" }

    /// The shorter form, as workflow runs and check suites have it.
    func minimal(_ repository: GitHubRepository) -> [String: JSONValue] {
        let url = url(repository)
        var members: [String: JSONValue] = [
            "id": GitHubShape.number(repository.id), "node_id": GitHubShape.node("Repository", repository.id),
            "name": .string(repository.name), "full_name": .string(repository.fullName),
            "private": .bool(repository.seed.isPrivate), "owner": user(repository.owner),
            "html_url": .string(page(repository)), "description": .null, "fork": .bool(repository.parent != nil),
            "url": .string(url),
        ]
        for (name, rest) in GitHubShape.addresses { members[name] = .string(url + rest) }
        return members
    }

    func repository(_ repository: GitHubRepository) -> [String: JSONValue] {
        let page = page(repository)
        let open = GitHubShape.number(repository.pulls.values.count { $0.isOpen })
        return minimal(repository).merging([
            "created_at": GitHubShape.time(repository.createdAt), "updated_at": GitHubShape.time(repository.pushedAt),
            "pushed_at": GitHubShape.time(repository.pushedAt),
            "git_url": .string("git://github.example/\(repository.fullName).git"),
            "ssh_url": .string("git@github.example:\(repository.fullName).git"), "clone_url": .string("\(page).git"),
            "svn_url": .string(page), "homepage": .null, "size": 180, "stargazers_count": 0, "watchers_count": 0,
            "language": "Python", "has_issues": true, "has_projects": true, "has_downloads": true, "has_wiki": true,
            "has_pages": false, "has_discussions": false, "forks_count": 0, "mirror_url": .null, "archived": false,
            "disabled": false, "open_issues_count": open, "license": .null, "allow_forking": true,
            "is_template": false, "web_commit_signoff_required": false, "topics": [], "custom_properties": [:],
            "visibility": .string(repository.seed.isPrivate ? "private" : "public"), "forks": 0, "open_issues": open,
            "watchers": 0, "default_branch": .string(repository.seed.defaultBranch),
        ]) { $1 }
    }

    /// The repository at either end of a pull request, with how it merges.
    func full(_ repository: GitHubRepository) -> [String: JSONValue] {
        self.repository(repository).merging([
            "allow_squash_merge": true, "allow_merge_commit": true, "allow_rebase_merge": true,
            "allow_auto_merge": false, "allow_update_branch": false, "delete_branch_on_merge": false,
            "use_squash_pr_title_as_default": false, "merge_commit_message": "PR_TITLE",
            "merge_commit_title": "MERGE_MESSAGE", "squash_merge_commit_message": "COMMIT_MESSAGES",
            "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        ]) { $1 }
    }

    /// The repository of a push, whose times are numbers and whose owner has an address.
    func pushed(_ repository: GitHubRepository) -> [String: JSONValue] {
        var members = self.repository(repository)
        members["created_at"] = .int(repository.createdAt / 1_000_000)
        members["pushed_at"] = .int(repository.pushedAt / 1_000_000)
        members["stargazers"] = 0
        if repository.owner.kind == .organization { members["organization"] = .string(repository.owner.login) }
        members["master_branch"] = .string(repository.seed.defaultBranch)
        if case .object(var owner) = members["owner"] {
            owner["name"] = .string(repository.owner.login)
            owner["email"] = .null
            members["owner"] = .object(owner)
        }
        return members
    }

    /// The name and address of an author of commits.
    func gitUser(_ login: String, at: Int64? = nil, _ state: GitHubState) -> [String: JSONValue] {
        let user = state.user(login)
        var members: [String: JSONValue] = [
            "name": .string(user?.name ?? login),
            "email": .string("\(user?.id ?? 0)+\(login)@users.noreply.github.example"),
        ]
        if let at { members["date"] = GitHubShape.time(at) }
        return members
    }

    /// `GET /repos/{owner}/{repo}/commits/{ref}`.
    func commit(_ commit: GitHubStandIn.Commit, _ repository: GitHubRepository, _ state: GitHubState) -> [String:
        JSONValue]
    {
        let (url, page) = (url(repository), page(repository))
        let author = JSONValue.object(gitUser(commit.author, at: commit.at, state))
        return [
            "sha": .string(commit.sha), "node_id": .string("C_\(commit.sha.prefix(24))"),
            "commit": [
                "author": author, "committer": author, "message": .string(commit.message),
                "tree": [
                    "sha": .string(String(commit.sha.reversed())),
                    "url": .string("\(url)/git/trees/\(String(commit.sha.reversed()))"),
                ],
                "url": .string("\(url)/git/commits/\(commit.sha)"), "comment_count": 0,
                "verification": [
                    "verified": false, "reason": "unsigned", "signature": .null, "payload": .null, "verified_at": .null,
                ],
            ],
            "url": .string("\(url)/commits/\(commit.sha)"), "html_url": .string("\(page)/commit/\(commit.sha)"),
            "comments_url": .string("\(url)/commits/\(commit.sha)/comments"), "author": user(commit.author, state),
            "committer": user(commit.author, state),
            "parents": .array(
                commit.parents.map { parent in
                    [
                        "sha": .string(parent), "url": .string("\(url)/commits/\(parent)"),
                        "html_url": .string("\(page)/commit/\(parent)"),
                    ]
                }),
        ]
    }

    /// The `head_commit` of a workflow run and a check suite.
    func simple(_ commit: GitHubStandIn.Commit, _ state: GitHubState) -> JSONValue {
        let author = JSONValue.object(gitUser(commit.author, state))
        return [
            "id": .string(commit.sha), "tree_id": .string(String(commit.sha.reversed())),
            "message": .string(commit.message), "timestamp": GitHubShape.time(commit.at), "author": author,
            "committer": author,
        ]
    }
}
