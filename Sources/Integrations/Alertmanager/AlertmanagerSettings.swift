package import Domain

/// The section `alertmanager` of the settings: who may send alerts, and where to ask for them.
package struct AlertmanagerSettings: Sendable {
    /// Tokens that are accepted as `Authorization: Bearer`; several while they rotate.
    package var bearerTokens: [SecretReference]
    /// User name → password that is accepted as `Authorization: Basic` (RFC 7617).
    package var passwords: [String: SecretReference]
    /// Alertmanager's own address, without `/api/v2`; nil: it is never asked.
    package var apiURL: String?
    /// The token that is sent to the API; nil: none.
    package var apiToken: SecretReference?
    /// A file of certificates to trust for the API, PEM; nil: the machine's.
    package var ca: String?
    /// How often Alertmanager sends a firing alert again; an alert that is not seen for three of them is stale.
    package var repeatInterval: Duration

    package init(_ input: inout InputReader) {
        bearerTokens = input.secrets("bearer_tokens", "Tokens that Alertmanager may show (http_config.authorization)")
        passwords = input.named("basic", "User names that Alertmanager may show (http_config.basic_auth)") { _, user in
            user.secret("password", "The user's password")
        }.compactMapValues { $0 }
        apiURL = input.optionalText(
            "api_url", "Alertmanager's address, to ask for the state of alerts: http://alertmanager:9093",
            pattern: WebAddress.pattern)
        apiToken = input.secret("api_token", "The bearer token to show to the API", isRequired: false)
        ca = input.optionalText("ca", "A file of certificates to trust for the API, PEM")
        repeatInterval = input.duration(
            "repeat_interval", "Alertmanager's repeat_interval: how often it sends a firing alert again",
            default: .seconds(4 * 3600))
        if bearerTokens.isEmpty, passwords.isEmpty {
            input.report(
                "alertmanager has neither bearer_tokens nor basic, so nobody could send alerts",
                field: "bearer_tokens", fix: "give at least one, such as bearer_tokens: [{env: ALERTMANAGER_TOKEN}]")
        }
        for name in passwords.keys.sorted() where name.isEmpty || name.contains(":") {
            input.report("'\(name)' is not a user name", field: "basic", fix: "it may not be empty or hold a colon")
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "alertmanager", summary: "Alerts that come in from Prometheus' Alertmanager"
    ) { input in
        _ = AlertmanagerSettings(&input)
    }
}

/// What an address of a web server looks like in settings.
enum WebAddress {
    /// Nil is never seen: the pattern is a constant that compiles, which a test shows.
    static let pattern = try? Pattern("https?://[^\\s/?#@]+(/[^\\s?#]*)?")
}
