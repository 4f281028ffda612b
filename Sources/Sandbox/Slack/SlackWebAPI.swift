import Domain
import Foundation

/// Slack's Web API (docs.slack.dev/reference/methods), the methods that a bot needs to write.
struct SlackWebAPI: Sendable {
    let workspace: SlackWorkspace
    let views: SlackViews
    let token: Secret
    let limit: SlackPostingLimit
    /// The base URL, for auth.test.
    let url: @Sendable () async -> String

    /// A 429 with `Retry-After`, as Slack says it.
    static func rateLimited(_ seconds: Int) -> SandboxAnswer {
        .json(429, ["ok": false, "error": "ratelimited"], headers: [("Retry-After", String(seconds))])
    }

    func answer(_ request: SandboxRequest) async -> SandboxAnswer {
        do throws(SlackError) {
            let arguments = try SlackArguments(request)
            guard let given = request.bearerToken ?? arguments.text("token") else { throw SlackError("not_authed") }
            guard Secret(given) == token else { throw SlackError("invalid_auth") }
            let method = request.path.split(separator: "/").dropFirst().joined(separator: "/")
            if method.hasPrefix("chat.post"), let channel = arguments.text("channel"),
                let seconds = limit.secondsUntilFree(workspace.channel(named: channel)?.id ?? channel)
            {
                return SlackWebAPI.rateLimited(seconds)
            }
            var answer = try await call(method, arguments)
            answer["ok"] = true
            if !arguments.warnings.isEmpty {
                let warnings = arguments.warnings.map(JSONValue.string)
                answer["warning"] = .string(arguments.warnings.joined(separator: ","))
                var metadata = answer["response_metadata"]?.objectValue ?? [:]
                metadata["warnings"] = .array(warnings)
                answer["response_metadata"] = .object(metadata)
            }
            return .json(200, .object(answer))
        } catch {
            var answer: [String: JSONValue] = ["ok": false, "error": .string(error.code)]
            if !error.messages.isEmpty {
                answer["response_metadata"] = ["messages": .array(error.messages.map(JSONValue.string))]
            }
            return .json(200, .object(answer))
        }
    }

    private func call(_ method: String, _ arguments: SlackArguments) async throws(SlackError) -> [String: JSONValue] {
        switch method {
        case "chat.postMessage": try postMessage(arguments)
        case "chat.update": try update(arguments)
        case "chat.delete": try delete(arguments)
        case "chat.postEphemeral": try postEphemeral(arguments)
        case "views.open": try openView(arguments)
        case "auth.test": await authTest()
        case "conversations.list": try listConversations(arguments)
        case "conversations.info": try conversationInfo(arguments)
        case "users.info": try userInfo(arguments)
        default: throw SlackError("unknown_method")
        }
    }

    private func postMessage(_ arguments: SlackArguments) throws(SlackError) -> [String: JSONValue] {
        guard let name = arguments.text("channel"), let channel = workspace.channel(named: name) else {
            throw SlackError("channel_not_found")
        }
        // Slack cuts longer texts at 40,000 characters; here that is an error, so that nobody relies on it.
        let (text, blocks) = try arguments.content(longestText: 40_000)
        let thread = arguments.text("thread_ts")
        if let thread, workspace.message(channelID: channel.id, ts: thread) == nil {
            throw SlackError("cannot_reply_to_message")
        }
        let message = workspace.post(
            channelID: channel.id, author: .bot, text: text, blocks: blocks, threadTS: thread,
            isBroadcast: arguments.flag("reply_broadcast"))
        return [
            "channel": .string(channel.id), "ts": .string(message.ts), "message": SlackWebAPI.json(message),
        ]
    }

    private func update(_ arguments: SlackArguments) throws(SlackError) -> [String: JSONValue] {
        // Only an id will do here, no name.
        guard let id = arguments.text("channel"), workspace.channel(id: id) != nil else {
            throw SlackError("channel_not_found")
        }
        guard let ts = arguments.text("ts"), let old = workspace.message(channelID: id, ts: ts), old.onlyFor == nil
        else { throw SlackError("message_not_found") }
        guard old.author == .bot else { throw SlackError("cant_update_message") }
        // An edited text may have 4,000 bytes, not 40,000.
        let (text, blocks) = try arguments.content(longestText: 4000)
        guard let message = workspace.edit(channelID: id, ts: ts, text: text, blocks: blocks) else {
            throw SlackError("message_not_found")
        }
        return [
            "channel": .string(id), "ts": .string(ts), "text": .string(text), "message": SlackWebAPI.json(message),
        ]
    }

    private func delete(_ arguments: SlackArguments) throws(SlackError) -> [String: JSONValue] {
        guard let id = arguments.text("channel"), workspace.channel(id: id) != nil else {
            throw SlackError("channel_not_found")
        }
        guard let ts = arguments.text("ts"), let old = workspace.message(channelID: id, ts: ts) else {
            throw SlackError("message_not_found")
        }
        guard old.author == .bot else { throw SlackError("cant_delete_message") }
        workspace.delete(channelID: id, ts: ts)
        return ["channel": .string(id), "ts": .string(ts)]
    }

    private func postEphemeral(_ arguments: SlackArguments) throws(SlackError) -> [String: JSONValue] {
        guard let name = arguments.text("channel"), let channel = workspace.channel(named: name) else {
            throw SlackError("channel_not_found")
        }
        guard let user = arguments.text("user"), workspace.user(id: user) != nil else {
            throw SlackError("user_not_in_channel")
        }
        let (text, blocks) = try arguments.content(longestText: 40_000)
        let message = workspace.post(
            channelID: channel.id, author: .bot, text: text, blocks: blocks, onlyFor: user,
            threadTS: arguments.text("thread_ts"))
        return ["message_ts": .string(message.ts)]
    }

    private func openView(_ arguments: SlackArguments) throws(SlackError) -> [String: JSONValue] {
        guard let trigger = arguments.text("trigger_id") else {
            throw SlackError("invalid_arguments", messages: ["missing required field: trigger_id"])
        }
        let opened = try views.open(try arguments.view(), trigger: trigger)
        var view = opened.view.objectValue ?? [:]
        view["id"] = .string(opened.id)
        view["team_id"] = .string(SlackTeam.id)
        view["state"] = ["values": [:]]
        return ["view": .object(view)]
    }

    private func authTest() async -> [String: JSONValue] {
        [
            "url": .string(await url() + "/"), "team": .string(SlackTeam.name), "user": .string(SlackTeam.botName),
            "team_id": .string(SlackTeam.id), "user_id": .string(SlackTeam.botUserID),
            "bot_id": .string(SlackTeam.botID), "is_enterprise_install": false,
        ]
    }

    private func userInfo(_ arguments: SlackArguments) throws(SlackError) -> [String: JSONValue] {
        guard let id = arguments.text("user"), let user = workspace.user(id: id) else {
            throw SlackError("user_not_found")
        }
        return [
            "user": [
                "id": .string(user.id), "team_id": .string(SlackTeam.id), "name": .string(user.name),
                "deleted": false, "real_name": .string(user.realName), "tz": "Etc/UTC", "tz_offset": 0,
                "profile": ["real_name": .string(user.realName), "display_name": .string(user.name)],
                "is_bot": false, "is_app_user": false, "updated": 1_700_000_000,
            ]
        ]
    }
}

extension SlackWebAPI {
    private func listConversations(_ arguments: SlackArguments) throws(SlackError) -> [String: JSONValue] {
        let all = workspace.channels.filter { $0.userID == nil }
        let limit = arguments.text("limit").map { Int($0) } ?? 100
        guard let limit, (1...1000).contains(limit) else { throw SlackError("invalid_limit") }
        var first = 0
        if let cursor = arguments.text("cursor") {
            guard let data = Data(base64Encoded: cursor), let start = Int(String(decoding: data, as: UTF8.self)),
                all.indices.contains(start)
            else { throw SlackError("invalid_cursor") }
            first = start
        }
        let end = min(first + limit, all.count)
        let next = end < all.count ? Data(String(end).utf8).base64EncodedString() : ""
        return [
            "channels": .array(all[first..<end].map(SlackWebAPI.json)),
            "response_metadata": ["next_cursor": .string(next)],
        ]
    }

    private func conversationInfo(_ arguments: SlackArguments) throws(SlackError) -> [String: JSONValue] {
        guard let id = arguments.text("channel"), let channel = workspace.channel(id: id) else {
            throw SlackError("channel_not_found")
        }
        return ["channel": SlackWebAPI.json(channel)]
    }

    private static func json(_ channel: SlackChannel) -> JSONValue {
        [
            "id": .string(channel.id), "name": .string(channel.name), "name_normalized": .string(channel.name),
            "is_channel": true, "is_group": false, "is_im": false, "is_mpim": false, "is_private": false,
            "created": 1_700_000_000, "creator": "U0SLACK", "is_archived": false, "is_general": false,
            "unlinked": 0, "is_shared": false, "is_ext_shared": false, "is_org_shared": false,
            "pending_shared": [], "is_pending_ext_shared": false, "is_member": true, "updated": 1_700_000_000_000,
            "topic": ["value": .string(channel.topic), "creator": "U0SLACK", "last_set": 1_700_000_000],
            "purpose": ["value": "", "creator": "", "last_set": 0], "num_members": 4, "priority": 0,
        ]
    }

    /// A message as the API shows it.
    static func json(_ message: SlackMessage) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": "message", "ts": .string(message.ts), "text": .string(message.text),
            "team": .string(SlackTeam.id),
        ]
        switch message.author {
        case .bot:
            members["subtype"] = "bot_message"
            members["username"] = .string(SlackTeam.botName)
            members["user"] = .string(SlackTeam.botUserID)
            members["bot_id"] = .string(SlackTeam.botID)
            members["app_id"] = .string(SlackTeam.appID)
        case .person(let id): members["user"] = .string(id)
        case .slack: members["user"] = "USLACKBOT"
        }
        if !message.blocks.isEmpty { members["blocks"] = .array(message.blocks) }
        if let thread = message.threadTS { members["thread_ts"] = .string(thread) }
        if message.edits > 0 {
            members["edited"] = ["user": .string(SlackTeam.botUserID), "ts": .string(message.ts)]
        }
        return .object(members)
    }
}
