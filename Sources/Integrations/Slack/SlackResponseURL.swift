import Foundation

/// Which response URLs are followed. They come in from outside, and what is posted to one leaves the bot, so only
/// Slack's own host counts, or the very server that the settings put in Slack's place.
struct SlackResponseURL: Sendable {
    /// How long after the interaction one takes messages.
    static let lifetime = Duration.seconds(1800)
    private static let slackHost = "hooks.slack.com"
    /// Scheme, host and port of `api_url`, where that is not Slack's.
    private let standIn: Origin?

    struct Origin: Sendable, Hashable {
        var scheme: String
        var host: String
        var port: Int

        init?(_ parts: URLComponents) {
            guard let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
                let host = parts.host?.lowercased(), !host.isEmpty, parts.user == nil, parts.password == nil
            else { return nil }
            self.scheme = scheme
            self.host = host
            port = parts.port ?? (scheme == "https" ? 443 : 80)
        }
    }

    init(apiURL: String) {
        standIn = apiURL == SlackSettings.slackAPI ? nil : URLComponents(string: apiURL).flatMap(Origin.init)
    }

    /// Whether a message may be posted there.
    func allows(_ url: String) -> Bool {
        // Nothing that two parsers could read in two ways: no backslash, no user, no blanks, no control characters.
        let isPlain = url.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
                || "-._~/%?=&:+".utf8.contains($0)
        }
        guard isPlain, url.utf8.count <= 2048, let parts = URLComponents(string: url), let origin = Origin(parts) else {
            return false
        }
        if let standIn { return origin == standIn }
        return origin.scheme == "https" && origin.host == SlackResponseURL.slackHost && origin.port == 443
    }
}
