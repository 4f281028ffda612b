import Domain
import Foundation

extension SlackStandIn {
    /// Does what Slack does when a person writes a line: `/defimon deploy analytics` goes to the bot as a signed slash
    /// command, and its answer is shown to that person only; any other text is a message. The channel is an id or a
    /// name. Throws `SandboxInputError` for an unknown channel or person, and an empty line.
    package func type(_ line: String, userID: String, channel: String) async throws {
        let channel = try known(channel: channel)
        let user = try known(user: userID)
        let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !line.isEmpty else { throw SandboxInputError("there is nothing to send: write a command or a message") }
        guard line.hasPrefix("/") else {
            workspace.post(channelID: channel.id, author: .person(user.id), text: SlackStandIn.escaped(line))
            return
        }
        let words = line.split(separator: " ", maxSplits: 1)
        let text = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
        try await slashCommand(String(words[0]), text: text, userID: user.id, channel: channel.id)
    }

    /// Sends a slash command as Slack does. What was typed is kept as a private line of that person.
    package func slashCommand(_ command: String = "/defimon", text: String, userID: String, channel: String)
        async throws
    {
        let channel = try known(channel: channel)
        let user = try known(user: userID)
        let typed = text.isEmpty ? command : "\(command) \(text)"
        workspace.post(
            channelID: channel.id, author: .person(user.id), text: SlackStandIn.escaped(typed), onlyFor: user.id)
        let capability = responseURLs.make(channelID: channel.id, userID: user.id, original: nil)
        let form = FormCoding.encode([
            ("token", "legacy-fixed-value"), ("team_id", SlackTeam.id), ("team_domain", SlackTeam.domain),
            ("channel_id", channel.id), ("channel_name", channel.name), ("user_id", user.id),
            ("user_name", user.name), ("command", command), ("text", text), ("api_app_id", SlackTeam.appID),
            ("is_enterprise_install", "false"), ("response_url", "\(try await url())/commands/\(capability)"),
            ("trigger_id", openViews.trigger(userID: user.id)),
        ])
        let answer = await sendSigned("/chat/slack/commands", form)
        show(answer, command: command, user: user, channel: channel)
    }

    /// Presses a button as a person does. Throws `SandboxInputError` when the message has no such button or this person
    /// cannot see it.
    package func press(_ button: SlackButton, userID: String) async throws {
        try await press(
            actionID: button.actionID, blockID: button.blockID, messageTS: button.messageTS,
            channel: button.channelID, userID: userID)
    }

    /// Presses a button, named by its ids.
    package func press(actionID: String, blockID: String, messageTS: String, channel: String, userID: String)
        async throws
    {
        let channel = try known(channel: channel)
        let user = try known(user: userID)
        guard let message = workspace.message(channelID: channel.id, ts: messageTS),
            message.onlyFor == nil || message.onlyFor == user.id
        else { throw SandboxInputError("there is no such message in #\(channel.name) that \(user.name) can see") }
        guard let element = SlackStandIn.element(of: message, actionID: actionID, blockID: blockID) else {
            throw SandboxInputError("the message has no button '\(actionID)'")
        }
        let payload = try await interaction(message, element, blockID: blockID, user: user, channel: channel)
        let answer = await sendSigned(
            "/chat/slack/interactions", FormCoding.encode([("payload", payload.canonicalText)]))
        if case .failed(let reason) = answer {
            workspace.post(
                channelID: channel.id, author: .slack, text: "The button did nothing: the app \(reason).",
                onlyFor: user.id)
        }
    }

    /// What came back from the bot.
    enum Reply {
        case body(String)
        case failed(String)
    }

    func sendSigned(_ path: String, _ form: String) async -> Reply {
        let body = Array(form.utf8)
        let timestamp = String(Int(time.now.timeIntervalSince1970))
        // Slack's v0 signature: docs.slack.dev/authentication/verifying-requests-from-slack
        let code = HMACSHA256.code(for: [Array("v0:\(timestamp):".utf8), body], key: configuration.signingSecret)
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)"),
            ("X-Slack-Request-Timestamp", timestamp), ("X-Slack-Signature", "v0=" + Hex.encode(code)),
        ]
        let (send, time, patience) = (send, time, configuration.patience)
        do {
            let (status, text) = try await withThrowingTaskGroup(of: (Int, String)?.self) { group in
                group.addTask {
                    let answer = try await send(path, headers, body)
                    return (answer.status, answer.body)
                }
                group.addTask {
                    try await time.sleep(for: patience)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let answer = first else {
                    throw SandboxInputError("did not answer within \(DurationText.human(patience))")
                }
                return answer
            }
            return status == 200 ? .body(text) : .failed("answered \(status)")
        } catch let error as SandboxInputError {
            return .failed(error.description)
        } catch {
            return .failed("could not be reached (\(error))")
        }
    }

    /// Shows the answer to a slash command as Slack does: text or JSON, private unless it says `in_channel`.
    private func show(_ reply: Reply, command: String, user: SlackUser, channel: SlackChannel) {
        switch reply {
        case .failed(let reason):
            workspace.post(
                channelID: channel.id, author: .slack,
                text: SlackStandIn.escaped("\(command) failed because the app \(reason)."), onlyFor: user.id)
        case .body(let text) where text.allSatisfy(\.isWhitespace): break
        case .body(let text):
            // What is no JSON object is plain text.
            guard let members = (try? JSONValue(parsing: text))?.objectValue else {
                workspace.post(channelID: channel.id, author: .bot, text: text, onlyFor: user.id)
                return
            }
            let arguments = SlackArguments(members)
            do {
                let (text, blocks) = try arguments.content(longestText: 40_000)
                let isPublic = arguments.text("response_type") == "in_channel"
                workspace.post(
                    channelID: channel.id, author: .bot, text: text, blocks: blocks,
                    onlyFor: isPublic ? nil : user.id)
            } catch {
                let detail = ([error.code] + error.messages).joined(separator: ", ")
                workspace.post(
                    channelID: channel.id, author: .slack,
                    text: SlackStandIn.escaped("\(command) failed: the app's answer cannot be shown (\(detail))."),
                    onlyFor: user.id)
            }
        }
    }

    private func known(channel: String) throws -> SlackChannel {
        guard let found = workspace.channel(named: channel) else {
            throw SandboxInputError("there is no channel '\(channel)'; there are \(channels.map(\.name))")
        }
        return found
    }

    private func known(user: String) throws -> SlackUser {
        guard let found = workspace.user(id: user) else {
            throw SandboxInputError("there is no person '\(user)'; there are \(users.map(\.id))")
        }
        return found
    }

    /// Slack's escapes for text (docs.slack.dev/messaging/formatting-message-text).
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// What a person asked for cannot be done: in words for that person.
package struct SandboxInputError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
