import Domain
package import Foundation
import Synchronization

/// Time that stands still until a test moves it. A sleeper wakes when the time is moved past its end.
package final class VirtualTime: TimeSource {
    fileprivate struct State {
        var now: Date
        var nextID = 0
        var sleepers: [Int: (wake: Date, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    package init(now: Date = Date(timeIntervalSince1970: 1_790_000_000)) {
        state = Mutex(State(now: now))
    }

    package var now: Date { state.withLock { $0.now } }

    package func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let reached = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                    if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                        return []
                    }
                    if duration <= .zero {
                        continuation.resume()
                        return []
                    }
                    state.sleepers[id] = (state.now.advanced(by: duration), continuation)
                    return state.takeReachedWatchers()
                }
                for watcher in reached { watcher.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the time and wakes everybody whose sleep has ended, the earliest first.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let now = state.now
            let due = state.sleepers.filter { $0.value.wake <= now }.sorted { $0.value.wake < $1.value.wake }
            for (id, _) in due { state.sleepers.removeValue(forKey: id) }
            return due
        }
        for (_, sleeper) in due { sleeper.continuation.resume() }
    }

    /// Sets the wall clock without ending any sleep, as when an administrator sets it.
    package func jump(to date: Date) {
        state.withLock { $0.now = date }
    }

    /// Returns when at least that many tasks sleep.
    package func untilSleeping(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let reached = state.withLock { state -> Bool in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if reached { continuation.resume() }
        }
    }
}

extension VirtualTime.State {
    fileprivate mutating func takeReachedWatchers() -> [CheckedContinuation<Void, Never>] {
        let count = sleepers.count
        let reached = watchers.filter { $0.count <= count }
        watchers.removeAll { $0.count <= count }
        return reached.map(\.continuation)
    }
}
