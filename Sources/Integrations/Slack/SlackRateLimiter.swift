import Domain
import Foundation
import Synchronization

/// Keeps the bot below Slack's limits: one post a second per conversation, one edit a second per message, forty edits a
/// minute in the workspace. Nobody waits here: who may not go is told when to come again.
///
/// The forty are shared: the first half of them goes to whoever comes; after that a message that was edited within the
/// last minute waits its turn, which is longer the more messages are being edited, so that one busy job leaves room
/// for the others, and newcomers find some.
final class SlackRateLimiter: Sendable {
    static let editsPerMinute = 40
    private static let minute = 60.0
    private static let second = 1.0

    fileprivate struct State {
        /// Edits of the last minute, the oldest first.
        var edits: [(at: Date, message: String)] = []
        /// The last post in each conversation, within the last second.
        var posts: [String: Date] = [:]
        /// The ids of conversations that the settings call by a name.
        var ids: [String: String] = [:]
        /// What Slack itself said: nothing of this kind before that.
        var holds: [String: Date] = [:]
    }

    private let time: any TimeSource
    private let state = Mutex(State())

    init(time: any TimeSource) { self.time = time }

    /// Nil: go, and it is counted. Else: how long to wait.
    func post(channel: String) -> Duration? {
        let now = time.now
        return state.withLock { state in
            state.forget(now)
            let channel = state.ids[channel] ?? channel
            if let wait = state.hold("post:\(channel)", now) { return wait }
            if let last = state.posts[channel] {
                return .seconds(SlackRateLimiter.second - now.timeIntervalSince(last))
            }
            state.posts[channel] = now
            return nil
        }
    }

    /// Nil: go, and it is counted. Else: how long to wait.
    func edit(message: String) -> Duration? {
        let now = time.now
        return state.withLock { state in
            state.forget(now)
            if let wait = state.hold("edit", now) { return wait }
            if let last = state.edits.last(where: { $0.message == message })?.at {
                let turn = SlackRateLimiter.turn(state.edits)
                let wait = turn - now.timeIntervalSince(last)
                if wait > 0 { return .seconds(wait) }
            }
            if state.edits.count >= SlackRateLimiter.editsPerMinute, let oldest = state.edits.first {
                return .seconds(SlackRateLimiter.minute - now.timeIntervalSince(oldest.at))
            }
            state.edits.append((now, message))
            return nil
        }
    }

    /// Slack itself wants posts in this conversation to wait.
    func holdPosts(channel: String, for duration: Duration) {
        let id = state.withLock { $0.ids[channel] }
        hold("post:\(id ?? channel)", duration)
    }

    /// A conversation that is called by its name is the same as the one with this id: the post that told is counted for
    /// both.
    func know(_ name: String, as id: String) {
        guard name != id else { return }
        state.withLock { state in
            // The settings name few; more would be an error of ours.
            guard state.ids[name] != nil || state.ids.count < 1000 else { return }
            state.ids[name] = id
            if let last = state.posts.removeValue(forKey: name) { state.posts[id] = max(last, state.posts[id] ?? last) }
        }
    }

    /// Slack itself wants edits to wait.
    func holdEdits(for duration: Duration) { hold("edit", duration) }

    /// Seconds from one edit of a message to its next. One share more than there are messages counts, for newcomers.
    private static func turn(_ edits: [(at: Date, message: String)]) -> Double {
        guard edits.count >= editsPerMinute / 2 else { return second }
        let messages = Set(edits.map(\.message)).count
        return max(second, Double(messages + 1) * minute / Double(editsPerMinute))
    }

    private func hold(_ what: String, _ duration: Duration) {
        let end = time.now.advanced(by: min(duration, .seconds(3600)))
        state.withLock { $0.holds[what] = end }
    }
}

extension SlackRateLimiter.State {
    /// Drops what no longer counts; and what lies in the future, since then the clock was set back.
    mutating func forget(_ now: Date) {
        edits.removeAll { now.timeIntervalSince($0.at) >= 60 || $0.at > now }
        posts = posts.filter { now.timeIntervalSince($0.value) < 1 && $0.value <= now }
        holds = holds.filter { $0.value > now && $0.value.timeIntervalSince(now) <= 3600 }
    }

    func hold(_ what: String, _ now: Date) -> Duration? {
        holds[what].map { .seconds($0.timeIntervalSince(now)) }
    }
}
