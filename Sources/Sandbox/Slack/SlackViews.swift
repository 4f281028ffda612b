import Domain
import Foundation
import Synchronization

/// The triggers that were given out, each good for one modal within three seconds, and the modals that are open: one a
/// person at most, as here nobody has two windows.
final class SlackViews: Sendable {
    static let lifetime = Duration.seconds(3)
    /// Triggers that are kept; the oldest go first.
    static let kept = 1000

    private struct Trigger {
        var userID: String
        var expiresAt: Date
        var isUsed = false
    }

    private struct State {
        var triggers: [String: Trigger] = [:]
        var order: [String] = []
        var views: [String: SlackView] = [:]
        var next = 1
    }

    private let time: any TimeSource
    private let changes: ChangeCounter
    private let state = Mutex(State())

    init(time: any TimeSource, changes: ChangeCounter) {
        self.time = time
        self.changes = changes
    }

    /// Makes the id of an interaction of this person.
    func trigger(userID: String) -> String {
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        let id = "\(time.now.microseconds).\(UInt32.random(in: .min ... .max)).\(random)"
        let expiry = time.now.advanced(by: SlackViews.lifetime)
        state.withLock { state in
            state.triggers[id] = Trigger(userID: userID, expiresAt: expiry)
            state.order.append(id)
            if state.order.count > SlackViews.kept { state.triggers[state.order.removeFirst()] = nil }
        }
        return id
    }

    /// Opens a modal. Throws Slack's codes.
    func open(_ view: JSONValue, trigger id: String) throws(SlackError) -> SlackView {
        let problems = SlackViewCheck.problems(in: view)
        guard problems.isEmpty else { throw SlackError("invalid_arguments", messages: problems) }
        let now = time.now
        let result = state.withLock { state -> Result<SlackView, SlackError> in
            guard let trigger = state.triggers[id] else { return .failure(SlackError("invalid_trigger_id")) }
            guard trigger.expiresAt > now else { return .failure(SlackError("expired_trigger_id")) }
            guard !trigger.isUsed else { return .failure(SlackError("exchanged_trigger_id")) }
            state.triggers[id]?.isUsed = true
            let opened = SlackView(id: "V0VIEW\(state.next)", userID: trigger.userID, view: view)
            state.next += 1
            state.views[trigger.userID] = opened
            return .success(opened)
        }
        changes.bump()
        return try result.get()
    }

    /// What this person has before them; nil: nothing.
    func view(of userID: String) -> SlackView? { state.withLock { $0.views[userID] } }

    var all: [SlackView] { state.withLock { $0.views.values.sorted { $0.id < $1.id } } }

    /// Says what is wrong in a modal that is still open; nothing when it is not.
    func set(errors: [String: String], in view: SlackView) {
        state.withLock { state in
            guard state.views[view.userID]?.id == view.id else { return }
            state.views[view.userID]?.errors = errors
        }
        changes.bump()
    }

    func close(_ view: SlackView) {
        state.withLock { state in
            if state.views[view.userID]?.id == view.id { state.views[view.userID] = nil }
        }
        changes.bump()
    }

    func clear() { state.withLock { $0.views = [:] } }
}
