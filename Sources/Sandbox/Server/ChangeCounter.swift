import Synchronization

/// Counts changes, so that a reader can wait for the next one and miss none.
package final class ChangeCounter: Sendable {
    private struct State {
        var value = 0
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Int, any Error>] = [:]
    }

    private let state = Mutex(State())

    /// Changes so far.
    package var value: Int { state.withLock { $0.value } }

    func bump() {
        let (value, waiting) = state.withLock { state in
            state.value += 1
            defer { state.waiting = [:] }
            return (state.value, state.waiting)
        }
        for (_, continuation) in waiting { continuation.resume(returning: value) }
    }

    /// Returns the count as soon as it differs from `known`. Throws `CancellationError` when the task is cancelled.
    package func next(after known: Int) async throws -> Int {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    if state.value != known {
                        continuation.resume(returning: state.value)
                    } else if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        state.waiting[id] = continuation
                    }
                }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }
}
