import Domain
import Foundation
import Synchronization

/// The response URLs that were given out: each takes five messages within 30 minutes.
final class SlackResponseURLs: Sendable {
    static let uses = 5
    static let lifetime = Duration.seconds(30 * 60)
    /// URLs that are kept; the oldest go first.
    static let kept = 1000

    private struct Capability {
        var channelID: String
        var userID: String
        var expiresAt: Date
        var usesLeft = SlackResponseURLs.uses
        /// What `replace_original` replaces: the message with the button, or what this URL wrote.
        var original: String?
    }

    private struct State {
        var known: [String: Capability] = [:]
        var order: [String] = []
    }

    private let workspace: SlackWorkspace
    private let time: any TimeSource
    private let state = Mutex(State())

    init(workspace: SlackWorkspace, time: any TimeSource) {
        self.workspace = workspace
        self.time = time
    }

    /// Makes a URL's secret part, for one person in one channel.
    func make(channelID: String, userID: String, original: String?) -> String {
        let id = (0..<3).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        let expiry = time.now.advanced(by: SlackResponseURLs.lifetime)
        state.withLock { state in
            state.known[id] = Capability(
                channelID: channelID, userID: userID, expiresAt: expiry, original: original)
            state.order.append(id)
            if state.order.count > SlackResponseURLs.kept { state.known[state.order.removeFirst()] = nil }
        }
        return id
    }

    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        let id = request.path.split(separator: "/").last.map(String.init) ?? ""
        let now = time.now
        guard let capability = state.withLock({ $0.known[id] }), capability.expiresAt > now else {
            return .text(404, "expired_url")
        }
        guard capability.usesLeft > 0 else { return .text(404, "used_url") }
        guard let value = try? JSONValue(parsing: request.body), let members = value.objectValue else {  // not JSON
            return .text(400, "invalid_payload")
        }
        do {
            let written = try write(SlackArguments(members), capability)
            state.withLock { state in
                state.known[id]?.usesLeft -= 1
                if let written { state.known[id]?.original = written }
            }
            return .text(200, "ok")
        } catch {
            return .json(500, ["ok": false, "error": .string(error.code)])
        }
    }

    /// Does what the body says; returns the message that stands for it now.
    private func write(_ arguments: SlackArguments, _ capability: Capability) throws(SlackError) -> String? {
        if arguments.flag("delete_original") {
            if let original = capability.original {
                workspace.delete(channelID: capability.channelID, ts: original)
            }
            return nil
        }
        let (text, blocks) = try arguments.content(longestText: 40_000)
        if arguments.flag("replace_original"), let original = capability.original,
            workspace.edit(channelID: capability.channelID, ts: original, text: text, blocks: blocks) != nil
        {
            return original
        }
        let isPublic = arguments.text("response_type") == "in_channel"
        return workspace.post(
            channelID: capability.channelID, author: .bot, text: text, blocks: blocks,
            onlyFor: isPublic ? nil : capability.userID, threadTS: arguments.text("thread_ts")
        ).ts
    }
}
