import Domain
import Foundation
import Outbound

/// What Slack's answers mean.
enum SlackAnswer {
    /// How long to wait when Slack says "too fast" without saying how long.
    private static let usualWait = Duration.seconds(30)

    /// The answer of a method of the Web API: status 200 always, but for limits and outages, and `ok` tells.
    static func ofMethod(_ response: HTTPResponse, method: String, now: Date) throws(SlackFailure) -> JSONValue {
        if let failure = outage(response, method, now) { throw failure }
        guard let answer = try? JSONValue(parsing: response.body), let isOK = answer["ok"]?.boolValue else {
            throw SlackFailure(.later(after: nil), "\(method): Slack's answer is not JSON with ok (\(response.status))")
        }
        guard !isOK else { return answer }
        throw failure(answer["error"]?.stringValue ?? "no error named", method, response, now)
    }

    /// The answer of a response URL: `ok`, or why not. A used or expired one never takes another message.
    static func ofResponseURL(_ response: HTTPResponse, now: Date) throws(SlackFailure) {
        let what = "response URL"
        let code =
            (try? JSONValue(parsing: response.body))?["error"]?.stringValue
            ?? SlackText.line(response.text, atMost: 80)
        if let outage = outage(response, what, now) {
            // A message that Slack cannot read is answered by 500, with the reason.
            guard response.status == 500, permanent.contains(code) else { throw outage }
            throw SlackFailure(.never, "\(what): \(code)")
        }
        guard response.status == 200 else {
            throw SlackFailure(.never, "\(what): Slack answers \(response.status) \(code)")
        }
        let answer = try? JSONValue(parsing: response.body)
        guard answer?["ok"]?.boolValue != false else { throw failure(code, what, response, now) }
    }

    /// Limits and outages, which pass; nil for all else.
    private static func outage(_ response: HTTPResponse, _ what: String, _ now: Date) -> SlackFailure? {
        switch response.status {
        case 429:
            let wait = response.retryAfter(now: now) ?? usualWait
            return SlackFailure(.later(after: wait), "\(what): Slack wants us to slow down (429)", wait: wait)
        case 500...599:
            return SlackFailure(
                .later(after: response.retryAfter(now: now)), "\(what): Slack answers \(response.status)")
        case 300...399:
            return SlackFailure(
                .never,
                "\(what): the server redirects (\(response.status)), which is not followed: correct slack.api_url")
        default: return nil
        }
    }

    private static func failure(_ code: String, _ method: String, _ response: HTTPResponse, _ now: Date)
        -> SlackFailure
    {
        let code = SlackText.line(code, atMost: 80)
        let message = "\(method): \(code)"
        switch code {
        case "ratelimited", "rate_limited", "message_limit_exceeded":
            let wait = response.retryAfter(now: now) ?? usualWait
            return SlackFailure(.later(after: wait), message, wait: wait)
        case "service_unavailable", "request_timeout", "fatal_error", "internal_error", "team_added_to_org",
            "external_channel_migrating", "update_failed", "streaming_state_conflict":
            return SlackFailure(.later(after: nil), message)
        case "message_not_found", "edit_window_closed", "cant_update_message":
            return SlackFailure(.messageGone, message)
        default:
            return SlackFailure(.never, message + (hints[code].map { ": \($0)" } ?? ""))
        }
    }

    /// Errors in the message itself.
    private static let permanent: Set<String> = [
        "invalid_blocks", "invalid_blocks_format", "no_text", "msg_too_long", "msg_blocks_too_long", "invalid_payload",
        "channel_not_found", "channel_is_archived", "no_service",
    ]

    /// What a person can do.
    private static let hints: [String: String] = [
        "channel_not_found": "there is no such conversation, or the bot may not see it; invite it with /invite",
        "not_in_channel": "invite the bot into the conversation with /invite",
        "is_archived": "the conversation is archived; name another one",
        "restricted_action": "a rule of the workspace forbids the bot to write there",
        "restricted_action_read_only_channel": "the conversation is read-only for the bot",
        "restricted_action_thread_locked": "the thread is locked",
        "invalid_auth": "the token in slack.bot_token is not valid; give the present one",
        "not_authed": "no token reached Slack; look at slack.bot_token",
        "token_revoked": "the token in slack.bot_token was revoked; install the app again and give the new one",
        "token_expired": "the token in slack.bot_token has expired; give the present one",
        "account_inactive": "the bot user was removed or the workspace is gone; install the app again",
        "missing_scope": "the app needs the scope chat:write (OAuth & Permissions); add it and install the app again",
        "not_allowed_token_type": "slack.bot_token must be the bot user's token, xoxb-…",
        "invalid_blocks": "Slack does not understand the message; this is an error of the bot",
        "expired_trigger_id": "the modal came too late for Slack",
        "msg_blocks_too_long": "the message is too long for Slack; this is an error of the bot",
    ]
}
