package import Domain
import Foundation

/// The section `slack` of the settings: the app by which people talk to the bot.
package struct SlackSettings: Sendable {
    /// Slack's own API.
    static let slackAPI = "https://slack.com/api"

    /// Signing secrets of the app; several while they rotate.
    package var signingSecrets: [SecretReference]
    /// The bot's token (`xoxb-…`) with the scopes `chat:write` and `commands`.
    package var botToken: SecretReference?
    /// Where the Web API is, without a slash at its end.
    package var apiURL: String
    /// A file of certificates to trust for it, PEM; nil: the machine's.
    package var ca: String?
    /// The only workspace from which requests are taken; nil: all in which the app is installed.
    package var teamID: String?
    /// The conversation for reports that have no other place: an id or `#name`.
    package var defaultChannel: String?

    package init(_ input: inout InputReader) {
        signingSecrets = input.secrets(
            "signing_secrets", "Signing secrets of the Slack app (Basic Information); more than one while they rotate",
            isRequired: true)
        botToken = input.secret("bot_token", "The bot user's token, xoxb-… (OAuth & Permissions)")
        let url = input.text(
            "api_url", "Slack's Web API, or what stands in for it", pattern: SlackSettings.address,
            default: SlackSettings.slackAPI)
        apiURL = url.hasSuffix("/") ? String(url.dropLast()) : url
        ca = input.optionalText("ca", "A file of certificates to trust for api_url, PEM")
        teamID = input.optionalText(
            "team_id", "The workspace's id, T…: requests of other workspaces are refused",
            pattern: SlackSettings.teamName)
        defaultChannel = input.optionalText(
            "default_channel", "Where reports go that have no other place: a conversation's id or #name")
        if signingSecrets.isEmpty {
            input.report(
                "slack has no signing secret, so no request could be proven", field: "signing_secrets",
                fix: "give one, such as signing_secrets: [{env: SLACK_SIGNING_SECRET}]")
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "slack", summary: "The Slack app by which people talk to the bot"
    ) {
        _ = SlackSettings(&$0)
    }

    /// The place of reports that have no other, if the settings name one.
    package var defaultPlace: Place? { defaultChannel.map { Place(channel: SlackOutlet.channelName, address: $0) } }

    // Nil is never seen: the patterns are constants that compile, which a test shows.
    static let address = try? Pattern("https?://[^\\s/?#@]+(/[^\\s?#]*)?")
    static let teamName = try? Pattern("[TE][A-Z0-9]{1,31}")
}
