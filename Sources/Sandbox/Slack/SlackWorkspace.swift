import Domain
import Foundation
import Synchronization

/// Channels, people and messages of the stand-in, in memory.
final class SlackWorkspace: Sendable {
    /// Messages kept per channel; the oldest go first.
    static let keptMessages = 500

    let channels: [SlackChannel]
    let users: [SlackUser]
    let changes = ChangeCounter()
    private let time: any TimeSource
    private let state = Mutex(State())

    private struct State {
        var messages: [String: [SlackMessage]] = [:]
        var lastTS: Int64 = 0
    }

    init(channels: [SlackChannel], users: [SlackUser], time: any TimeSource) {
        self.channels = channels
        self.users = users
        self.time = time
    }

    func channel(id: String) -> SlackChannel? { channels.first { $0.id == id } }

    /// By id, `#name` or `name`, or by a person's id, as chat.postMessage takes it.
    func channel(named name: String) -> SlackChannel? {
        channel(id: name) ?? channels.first { $0.name == name || "#" + $0.name == name || $0.userID == name }
    }

    func user(id: String) -> SlackUser? { users.first { $0.id == id } }

    func messages(in channelID: String) -> [SlackMessage] { state.withLock { $0.messages[channelID] ?? [] } }

    func message(channelID: String, ts: String) -> SlackMessage? {
        messages(in: channelID).first { $0.ts == ts }
    }

    /// Adds a message under a new `ts` and returns it.
    @discardableResult
    func post(
        channelID: String, author: SlackMessage.Author, text: String, blocks: [JSONValue] = [],
        onlyFor: String? = nil, threadTS: String? = nil, isBroadcast: Bool = false
    ) -> SlackMessage {
        let now = time.now.microseconds
        let message = state.withLock { state in
            // Two messages never share a ts, also when the clock stands still.
            state.lastTS = max(state.lastTS + 1, now)
            let fraction = String(state.lastTS % 1_000_000)
            let ts = "\(state.lastTS / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
            var message = SlackMessage(
                channelID: channelID, ts: ts, author: author, text: text, blocks: SlackWorkspace.numbered(blocks))
            message.onlyFor = onlyFor
            message.isBroadcast = isBroadcast
            // A reply to a reply stands under the same first message.
            message.threadTS = threadTS.map { parent in
                state.messages[channelID]?.first { $0.ts == parent }?.threadTS ?? parent
            }
            state.messages[channelID, default: []].append(message)
            if state.messages[channelID, default: []].count > SlackWorkspace.keptMessages {
                state.messages[channelID]?.removeFirst()
            }
            return message
        }
        changes.bump()
        return message
    }

    /// Edits a message; nil when there is none.
    @discardableResult
    func edit(channelID: String, ts: String, text: String, blocks: [JSONValue]) -> SlackMessage? {
        let message = state.withLock { state -> SlackMessage? in
            guard let index = state.messages[channelID]?.firstIndex(where: { $0.ts == ts }) else { return nil }
            state.messages[channelID]?[index].text = text
            state.messages[channelID]?[index].blocks = SlackWorkspace.numbered(blocks)
            state.messages[channelID]?[index].edits += 1
            return state.messages[channelID]?[index]
        }
        if message != nil { changes.bump() }
        return message
    }

    /// Removes a message; false when there is none.
    @discardableResult
    func delete(channelID: String, ts: String) -> Bool {
        let isGone = state.withLock { state in
            guard let index = state.messages[channelID]?.firstIndex(where: { $0.ts == ts }) else { return false }
            state.messages[channelID]?.remove(at: index)
            return true
        }
        if isGone { changes.bump() }
        return isGone
    }

    /// Removes all messages.
    func clear() {
        state.withLock { $0.messages = [:] }
        changes.bump()
    }

    /// Blocks without a `block_id` get one, as Slack gives it.
    private static func numbered(_ blocks: [JSONValue]) -> [JSONValue] {
        blocks.enumerated().map { index, block in
            guard case .object(var members) = block, members["block_id"] == nil else { return block }
            members["block_id"] = .string("b\(index)")
            return .object(members)
        }
    }
}
