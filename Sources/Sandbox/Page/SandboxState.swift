import Domain

/// The page's picture of the world, as JSON. Nothing in it moves by itself but the chain's head.
struct SandboxState: Sendable {
    /// Messages shown per channel, the newest.
    static let shownMessages = 200

    let world: SandboxWorld

    func json() async -> JSONValue {
        var switches: [JSONValue] = []
        for item in world.switches {
            switches.append([
                "id": .string(item.id), "system": .string(item.system), "label": .string(item.label),
                "help": .string(item.help), "on": .bool(await item.isOn()),
            ])
        }
        return [
            "channels": .array(world.slack.channels.map(channel)), "people": .array(world.slack.users.map(person)),
            "views": .array(world.slack.views.map(view)),
            "alerts": .array(world.alerts.alerts.map(alert)), "nodes": .array(world.ethereum.nodeNames.map(node)),
            "switches": .array(switches), "jobs": await world.jobs(),
            "links": .array(world.links.map { ["title": .string($0.title), "url": .string($0.url)] }),
            "github": await github(), "suggestions": .array(world.suggestions.map(JSONValue.string)),
            "bot": .string(SlackTeam.botName),
        ]
    }

    private func channel(_ channel: SlackChannel) -> JSONValue {
        let messages = world.slack.messages(in: channel.id).suffix(SandboxState.shownMessages)
        return [
            "id": .string(channel.id), "name": .string(channel.name), "topic": .string(channel.topic),
            "messages": .array(messages.map(message)),
        ]
    }

    private func message(_ message: SlackMessage) -> JSONValue {
        let author: (kind: String, name: String) =
            switch message.author {
            case .bot: ("bot", SlackTeam.botName)
            case .slack: ("slack", "Slack")
            case .person(let id): ("person", world.slack.users.first { $0.id == id }?.realName ?? id)
            }
        return [
            "ts": .string(message.ts), "thread": message.threadTS.map(JSONValue.string) ?? .null,
            "kind": .string(author.kind), "author": .string(author.name), "text": .string(message.text),
            "blocks": .array(message.blocks), "edits": .int(Int64(message.edits)),
            "onlyFor": message.onlyFor.map(JSONValue.string) ?? .null, "broadcast": .bool(message.isBroadcast),
        ]
    }

    private func view(_ view: SlackView) -> JSONValue {
        [
            "id": .string(view.id), "user": .string(view.userID), "view": view.view,
            "errors": .object(view.errors.mapValues(JSONValue.string)),
        ]
    }

    private func person(_ user: SlackUser) -> JSONValue {
        [
            "id": .string(user.id), "name": .string(user.name), "realName": .string(user.realName),
            "note": .string(user.note),
        ]
    }

    private func alert(_ alert: SandboxAlert) -> JSONValue {
        let status = world.alerts.status(of: alert.id)
        return [
            "id": .string(alert.id), "title": .string(alert.title), "firing": .bool(status.isFiring),
            "startsAt": status.startsAt.map { .string(AlertmanagerBody.time($0)) } ?? .null,
            "endsAt": status.endsAt.map { .string(AlertmanagerBody.time($0)) } ?? .null,
            "delivery": .string(status.delivery), "summary": .string(alert.annotations["summary"] ?? ""),
            "severity": .string(alert.labels["severity"] ?? ""),
        ]
    }

    private func node(_ name: String) -> JSONValue {
        guard let view = world.ethereum.look(at: name) else { return ["name": .string(name), "state": "down"] }
        return [
            "name": .string(name), "state": .string(view.word), "head": .int(Int64(view.head)),
            "lag": .int(Int64(view.lag)), "peers": .int(Int64(view.peers)), "slow": .bool(view.isSlow),
            "restarts": .int(Int64(view.restarts)),
        ]
    }
}
