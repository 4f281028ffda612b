package import Domain

/// The section `github` of the settings: how GitHub is spoken to, and who may send webhooks.
package struct GitHubSettings: Sendable {
    /// GitHub's own API.
    static let publicAPI = "https://api.github.com"

    /// A GitHub App, as which the bot speaks: its installation is looked up for each owner.
    package struct App: Sendable, Hashable {
        /// The app's id or client id, the issuer of its tokens.
        package var id: String
        /// Its private key, PEM.
        package var privateKey: SecretReference?
    }

    /// Secrets that count only for one webhook, one owner, or both.
    package struct Hook: Sendable, Hashable {
        /// The user or organisation that all its deliveries must be about.
        package var owner: String?
        /// The webhook's id, the value of `X-GitHub-Hook-ID`.
        package var hookID: String?
        package var secrets: [SecretReference]
    }

    /// Where the REST API is, without a slash at its end.
    package var apiURL: String
    /// A file of certificates to trust for it, PEM; nil: the machine's.
    package var ca: String?
    /// A token as which the bot speaks; nil: it speaks as an app.
    package var token: SecretReference?
    package var app: App?
    /// Secrets that count for every webhook; several while they rotate.
    package var webhookSecrets: [SecretReference]
    /// Secrets that count for some, by the name that people gave them.
    package var hooks: [String: Hook]
    /// Looks for deliveries that did not arrive; nil: nobody does.
    package var missedDeliveries: SweepSettings?

    package init(_ input: inout InputReader) {
        let url = input.text(
            "api_url", "GitHub's REST API: https://github.example.com/api/v3 for GitHub Enterprise Server",
            pattern: GitHubName.webAddress, default: GitHubSettings.publicAPI)
        apiURL = url.hasSuffix("/") ? String(url.dropLast()) : url
        ca = input.optionalText("ca", "A file of certificates to trust for api_url, PEM")
        token = input.secret(
            "token", "A token as which the bot speaks; or give an app", isRequired: false)
        app = input.section("app", "A GitHub App as which the bot speaks; or give a token") { App(&$0) }
        webhookSecrets = input.secrets(
            "webhook_secrets", "Secrets of webhooks, whichever; more than one while they rotate")
        hooks = input.named("hooks", "Secrets that count only for one webhook or one owner") { _, hook in Hook(&hook) }
        missedDeliveries = input.section(
            "missed_deliveries",
            "Deliveries that did not arrive are found and asked for again: GitHub does not send again by itself"
        ) { SweepSettings(&$0) }
        if missedDeliveries?.hooks.contains(.app) == true, app == nil {
            input.report(
                "missed_deliveries names the app's own hook, and there is no app", field: "missed_deliveries",
                fix: "name the hooks of repositories or organisations")
        }
        if token == nil, app == nil {
            input.report(
                "github has neither a token nor an app, so nothing could be asked or told", field: "token",
                fix: "give one, such as token: {env: GITHUB_TOKEN}")
        }
        if token != nil, app != nil {
            input.report(
                "github has both a token and an app, and the bot speaks as one of them", field: "app",
                fix: "leave one out")
        }
    }

    /// True when a webhook could be proven, so that there is a route for them.
    package var receivesWebhooks: Bool { !webhookSecrets.isEmpty || !hooks.isEmpty }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "github", summary: "GitHub: webhooks that come in, and the token or app as which the bot speaks"
    ) {
        _ = GitHubSettings(&$0)
    }
}

extension GitHubSettings.App {
    fileprivate init(_ input: inout InputReader) {
        id = input.text("id", "The app's id or client id (General, About)", pattern: GitHubName.appID)
        privateKey = input.secret("private_key", "The app's private key, PEM (General, Private keys)")
    }
}

extension GitHubSettings.Hook {
    fileprivate init(_ input: inout InputReader) {
        owner = input.optionalText(
            "owner", "The user or organisation that every delivery must be about", pattern: GitHubName.ownerPattern)
        hookID = input.optionalText(
            "hook_id", "The webhook's id, as in its address on GitHub", pattern: GitHubName.hookID)
        secrets = input.secrets("secrets", "Its secrets; more than one while they rotate", isRequired: true)
        if secrets.isEmpty {
            input.report(
                "the hook has no secret, so none of its deliveries could be proven", field: "secrets",
                fix: "give one, such as secrets: [{env: GITHUB_WEBHOOK_SECRET}]")
        }
        if owner == nil, hookID == nil {
            input.report(
                "the hook is bound to nothing", field: "owner",
                fix: "give owner or hook_id, or move its secrets to webhook_secrets")
        }
    }
}
