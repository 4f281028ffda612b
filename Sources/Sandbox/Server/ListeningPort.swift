import Synchronization

/// The port of a server that is being started: known later, or never.
final class ListeningPort: Sendable {
    private struct State {
        var result: Result<Int, SandboxServerError>?
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Int, any Error>] = [:]
    }

    private let state = Mutex(State())

    func open(_ port: Int) { settle(.success(port)) }

    func fail(_ error: SandboxServerError) { settle(.failure(error)) }

    func value() async throws -> Int {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    if let result = state.result {
                        continuation.resume(with: result)
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

    private func settle(_ result: Result<Int, SandboxServerError>) {
        let waiting = state.withLock { state in
            // A server that ends stays failed; the reason that was known first is the better one.
            if case .failure = state.result { return state.waiting }
            state.result = result
            defer { state.waiting = [:] }
            return state.waiting
        }
        for (_, continuation) in waiting { continuation.resume(with: result) }
    }
}
