import Synchronization

/// Fetches a value once for all who want it at the same time. Who comes first fetches; when that one is cancelled, the
/// next takes over; when it fails, all who waited fail with it.
package final class SharedFetch<Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value?, any Error>

    private struct State {
        /// By key; a key is there while somebody fetches for it.
        var waiters: [String: [Int: Waiter]] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// `kept` gives the value when it is there already; `fetch` stores it where `kept` finds it. Throws what
    /// `fetch` throws, or `CancellationError`.
    package func value(
        for key: String, kept: () -> Value?, fetch: () async throws -> Value
    ) async throws -> Value {
        while true {
            try Task.checkCancellation()
            if let value = kept() { return value }
            guard begin(key) else {
                if let value = try await wait(key) { return value }
                continue
            }
            do {
                let value = try await fetch()
                end(key, .success(value))
                return value
            } catch {
                end(key, error is CancellationError ? .success(nil) : .failure(error))
                throw error
            }
        }
    }

    private func begin(_ key: String) -> Bool {
        state.withLock { state in
            guard state.waiters[key] == nil else { return false }
            state.waiters[key] = [:]
            return true
        }
    }

    private func end(_ key: String, _ result: Result<Value?, any Error>) {
        let waiters = state.withLock { $0.waiters.removeValue(forKey: key) } ?? [:]
        for waiter in waiters.values { waiter.resume(with: result) }
    }

    /// Nil: whoever fetched was cancelled, or has just ended; look again.
    private func wait(_ key: String) async throws -> Value? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let mayWait = state.withLock { state in
                    guard state.waiters[key] != nil, !Task.isCancelled else { return false }
                    state.waiters[key]?[id] = waiter
                    return true
                }
                if !mayWait { waiter.resume(returning: nil) }
            }
        } onCancel: {
            state.withLock { $0.waiters[key]?.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }
}
