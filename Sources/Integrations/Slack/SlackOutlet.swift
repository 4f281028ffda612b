package import Domain
import Foundation
package import Outbound

/// Delivers reports to Slack: main messages by `chat.postMessage` and edited by `chat.update`, details in their thread,
/// private answers to a response URL, forms as modals.
package struct SlackOutlet: Outlet {
    static let channelName = "slack"
    private static let maxAnswer = 1024 * 1024
    private static let patience = Duration.seconds(15)

    package let channel = SlackOutlet.channelName
    /// A response URL takes five (docs.slack.dev, "Handling user interaction").
    package let messagesPerPrivatePlace: Int? = 5
    private let apiURL: String
    private let token: Secret
    private let session: HTTPSession
    private let time: any TimeSource
    private let triggerLimit: Duration
    private let limiter: SlackRateLimiter
    private let responseURL: SlackResponseURL

    /// Reads the token. A modal may take as long as its trigger lives, or `triggerLimit`. Throws `MissingSecret`.
    package init(
        _ settings: SlackSettings, secrets: any SecretSource, session: HTTPSession, time: any TimeSource,
        triggerLimit: Duration? = nil
    ) throws(MissingSecret) {
        guard let reference = settings.botToken else { throw MissingSecret("slack.bot_token is not set") }
        token = try secrets.secret(reference)
        guard !token.isEmpty else { throw MissingSecret("the secret of slack.bot_token is empty") }
        apiURL = settings.apiURL
        self.session = session
        self.time = time
        self.triggerLimit = triggerLimit ?? SlackTrigger.lifetime
        limiter = SlackRateLimiter(time: time)
        responseURL = SlackResponseURL(apiURL: settings.apiURL)
    }

    package var hasThreads: Bool { true }

    package func deliver(_ message: OutboxMessage, existing: String?, thread: String?) async throws(OutletError)
        -> String?
    {
        if let trigger = SlackTrigger(message.place) {
            try await open(message.report.form, by: trigger)
            return nil
        }
        let content = SlackMessage(message.report)
        if message.place.isPrivate {
            try await answer(message.place.address, content)
            return nil
        }
        if let existing {
            guard let reference = SlackReference(existing) else {
                throw OutletError(.messageGone, "the reference '\(existing.prefix(80))' is not one of Slack's")
            }
            return try await edit(reference, content)
        }
        let parent = thread.flatMap(SlackReference.init)
        return try await post(content, to: parent?.channel ?? message.place.address, parent: parent)
    }

    // MARK: Ways to deliver

    private func post(_ content: SlackMessage, to channel: String, parent: SlackReference?) async throws(OutletError)
        -> String?
    {
        if let wait = limiter.post(channel: channel) {
            throw OutletError(.later(after: wait), "at most one message a second goes to one Slack conversation")
        }
        var body = content.members
        body["channel"] = .string(channel)
        body["parse"] = "none"
        body["unfurl_links"] = false
        body["unfurl_media"] = false
        if let parent { body["thread_ts"] = .string(parent.timestamp) }
        do {
            let reference = SlackReference(try await call("chat.postMessage", body))
            if let reference { limiter.know(channel, as: reference.channel) }
            return reference?.text
        } catch {
            if let wait = error.wait { limiter.holdPosts(channel: channel, for: wait) }
            throw error.outletError
        }
    }

    private func edit(_ reference: SlackReference, _ content: SlackMessage) async throws(OutletError) -> String? {
        if let wait = limiter.edit(message: reference.text) {
            throw OutletError(
                .later(after: wait), "at most one edit a second of a Slack message, and 40 a minute in all")
        }
        var body = content.members
        body["channel"] = .string(reference.channel)
        body["ts"] = .string(reference.timestamp)
        body["parse"] = "none"
        do {
            return SlackReference(try await call("chat.update", body))?.text ?? reference.text
        } catch {
            if let wait = error.wait { limiter.holdEdits(for: wait) }
            throw error.outletError
        }
    }

    private func answer(_ url: String, _ content: SlackMessage) async throws(OutletError) {
        guard responseURL.allows(url) else {
            throw OutletError(
                .never, "the response URL is not one of Slack's (https://hooks.slack.com), so it is not used")
        }
        var body = content.members
        body["response_type"] = "ephemeral"
        body["replace_original"] = false
        do {
            try SlackAnswer.ofResponseURL(try await send(url, body, token: nil), now: time.now)
        } catch { throw error.outletError }
    }

    /// Opens a modal. Whatever keeps it from opening does so for good: its few seconds will be over.
    private func open(_ form: CommandForm?, by trigger: SlackTrigger) async throws(OutletError) {
        guard let modal = form.flatMap(SlackModal.init) else {
            throw OutletError(.never, "the command's arguments do not fit into one of Slack's modals")
        }
        let body: [String: JSONValue] = ["trigger_id": .string(trigger.id), "view": modal.view]
        do { _ = try await call("views.open", body, within: triggerLimit) } catch {
            throw OutletError(.never, error.message)
        }
    }

    // MARK: HTTP

    /// Calls a method of the Web API. Throws `SlackFailure`.
    private func call(
        _ method: String, _ body: [String: JSONValue], within limit: Duration = SlackOutlet.patience
    ) async throws(SlackFailure) -> JSONValue {
        let response = try await send("\(apiURL)/\(method)", body, token: token, within: limit)
        return try SlackAnswer.ofMethod(response, method: method, now: time.now)
    }

    private func send(
        _ url: String, _ body: [String: JSONValue], token: Secret?, within limit: Duration = SlackOutlet.patience
    ) async throws(SlackFailure) -> HTTPResponse {
        var headers = [("Content-Type", "application/json; charset=utf-8")]
        if let token { headers.append(("Authorization", "Bearer \(token.reveal())")) }
        let request = HTTPRequest(
            method: "POST", url: url, headers: headers, body: JSONValue.object(body).canonicalBytes)
        do {
            return try await session.send(request, maxBody: SlackOutlet.maxAnswer, timeout: limit)
        } catch let error as HTTPError {
            throw SlackFailure(.later(after: nil), "Slack cannot be reached: \(error.message)")
        } catch {
            throw SlackFailure(.later(after: nil), "sending to Slack was broken off")
        }
    }
}

extension SlackMessage {
    /// The members that every way of delivering shares.
    var members: [String: JSONValue] { ["text": .string(text), "blocks": .array(blocks)] }
}
