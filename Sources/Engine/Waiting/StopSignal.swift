import Domain
import Synchronization

/// Why a running job is to stop.
enum StopReason: Sendable, Hashable {
    case cancelled(by: String)
    /// A newer job has taken its place.
    case superseded(by: JobID)
    /// The bot stops; the job goes on later.
    case shutdown
}

/// Tells a running job to stop. The first reason stays; everybody who waits, now or later, gets it.
final class StopSignal: Sendable {
    private struct State {
        var reason: StopReason?
        var nextID = 0
        var waiters: [Int: CheckedContinuation<StopReason?, Never>] = [:]
    }

    private let state = Mutex(State())

    var reason: StopReason? { state.withLock { $0.reason } }
    var isFired: Bool { reason != nil }

    func fire(_ reason: StopReason) {
        let waiters = state.withLock { state in
            if state.reason == nil { state.reason = reason }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: reason) }
    }

    /// Returns the reason once there is one; nil when the waiting task was cancelled.
    func wait() async -> StopReason? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> StopReason?? in
                    if let reason = state.reason { return reason }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }
}
