import Domain

extension GitHubShape {
    /// `GET /app`, and who did something through an App.
    func app(_ app: GitHubStandIn.App) -> [String: JSONValue] {
        self.app(slug: app.slug, id: app.id, clientID: app.clientID, permissions: app.permissions)
    }

    /// An App by its slug alone, as check suites show it.
    func app(
        slug: String, id: Int = 15_368, clientID: String = "Iv1.05c79e9ad1f6bdfa", permissions: [String: String] = [:]
    ) -> [String: JSONValue] {
        [
            "id": GitHubShape.number(id), "slug": .string(slug), "client_id": .string(clientID),
            "node_id": GitHubShape.node("App", id),
            "owner": user(.init(id: 9919, login: "github", kind: .organization)),
            "name": .string(slug), "description": "", "external_url": "https://defimon.example",
            "html_url": .string("\(html)/apps/\(slug)"), "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z", "permissions": .object(permissions.mapValues(JSONValue.string)),
            "events": ["pull_request", "push", "issue_comment", "workflow_run"],
        ]
    }

    /// `GET /repos/{owner}/{repo}/installation`.
    func installation(_ id: Int, of owner: GitHubStandIn.User, app: GitHubStandIn.App) -> JSONValue {
        [
            "id": GitHubShape.number(id), "client_id": .string(app.clientID), "account": user(owner),
            "repository_selection": "all",
            "access_tokens_url": .string("\(api)/app/installations/\(id)/access_tokens"),
            "repositories_url": .string("\(api)/installation/repositories"),
            "html_url": .string("\(html)/organizations/\(owner.login)/settings/installations/\(id)"),
            "app_id": GitHubShape.number(app.id), "app_slug": .string(app.slug),
            "target_id": GitHubShape.number(owner.id), "target_type": .string(owner.kind.rawValue),
            "permissions": .object(app.permissions.mapValues(JSONValue.string)), "events": ["pull_request", "push"],
            "created_at": "2024-01-01T00:00:00.000Z", "updated_at": "2024-01-01T00:00:00.000Z",
            "single_file_name": .null, "has_multiple_single_files": false, "single_file_paths": [],
            "suspended_by": .null, "suspended_at": .null,
        ]
    }
}
