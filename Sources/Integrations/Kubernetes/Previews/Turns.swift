import Synchronization

/// Lets one task at a time through for each name, in the order in which they came.
final class Turns: Sendable {
    private struct State {
        var taken: Set<String> = []
        var waiting: [String: [(id: Int, continuation: CheckedContinuation<Void, any Error>)]] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())

    /// Runs `body` when nobody else's of this name runs. Throws `CancellationError` when cancelled while it waits.
    func take<Value: Sendable>(_ name: String, _ body: () async throws -> Value) async throws -> Value {
        try await enter(name)
        defer { leave(name) }
        return try await body()
    }

    /// How many wait for their turn.
    func waiting(_ name: String) -> Int { state.withLock { $0.waiting[name]?.count ?? 0 } }

    /// Whether somebody has the turn.
    func isTaken(_ name: String) -> Bool { state.withLock { $0.taken.contains(name) } }

    private func enter(_ name: String) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let verdict: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.taken.insert(name).inserted { return .success(()) }
                    state.waiting[name, default: []].append((id, continuation))
                    return nil
                }
                if let verdict { continuation.resume(with: verdict) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let index = state.waiting[name]?.firstIndex { $0.id == id }
                return index.flatMap { state.waiting[name]?.remove(at: $0).continuation }
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// Hands the turn to the next, or frees it.
    private func leave(_ name: String) {
        let next: CheckedContinuation<Void, any Error>? = state.withLock { state in
            guard var line = state.waiting[name], !line.isEmpty else {
                state.waiting[name] = nil
                state.taken.remove(name)
                return nil
            }
            let next = line.removeFirst().continuation
            state.waiting[name] = line
            return next
        }
        next?.resume()
    }
}
