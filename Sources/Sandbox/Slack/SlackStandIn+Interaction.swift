import Domain
import Foundation

extension SlackStandIn {
    /// The `block_actions` payload of a press (docs.slack.dev/reference/interaction-payloads/block_actions-payload).
    func interaction(
        _ message: SlackMessage, _ element: JSONValue, blockID: String, user: SlackUser, channel: SlackChannel
    ) async throws -> JSONValue {
        let isPrivate = message.onlyFor != nil
        let capability = responseURLs.make(channelID: channel.id, userID: user.id, original: message.ts)
        var action = element.objectValue ?? [:]
        action["block_id"] = .string(blockID)
        action["action_ts"] = .string("\(time.now.timeIntervalSince1970)")
        action["confirm"] = nil
        var payload: [String: JSONValue] = [
            "type": "block_actions",
            "team": ["id": .string(SlackTeam.id), "domain": .string(SlackTeam.domain)],
            "user": [
                "id": .string(user.id), "username": .string(user.name), "name": .string(user.name),
                "team_id": .string(SlackTeam.id),
            ],
            "api_app_id": .string(SlackTeam.appID), "token": "legacy-fixed-value",
            "container": [
                "type": "message", "message_ts": .string(message.ts), "channel_id": .string(channel.id),
                "is_ephemeral": .bool(isPrivate),
            ],
            "trigger_id": .string(openViews.trigger(userID: user.id)),
            "channel": ["id": .string(channel.id), "name": .string(channel.name)],
            "response_url": .string("\(try await url())/actions/\(capability)"),
            "actions": [.object(action)], "enterprise": .null, "is_enterprise_install": false,
            "state": ["values": [:]],
        ]
        // Slack does not send a private message back.
        if !isPrivate { payload["message"] = SlackWebAPI.json(message) }
        return .object(payload)
    }

    /// The element of a message that has this id.
    static func element(of message: SlackMessage, actionID: String, blockID: String) -> JSONValue? {
        for block in message.blocks where block["block_id"]?.stringValue == blockID {
            let elements = (block["elements"]?.arrayValue ?? []) + [block["accessory"]].compactMap { $0 }
            if let element = elements.first(where: { $0["action_id"]?.stringValue == actionID }) { return element }
        }
        return nil
    }
}
