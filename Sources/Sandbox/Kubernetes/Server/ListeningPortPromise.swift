import Synchronization

/// The port that the server got, for those who ask before it has one.
final class ListeningPortPromise: Sendable {
    private struct State {
        var port: Int?
        var isClosed = false
        var next = 0
        var waiting: [Int: CheckedContinuation<Int?, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Tells everybody; nil when the server ended without listening.
    func fulfill(_ port: Int?) {
        let waiting = state.withLock { state in
            state.port = port ?? state.port
            state.isClosed = port == nil
            defer { state.waiting.removeAll() }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: port) }
    }

    /// The port. Throws `CancellationError` when the server ended, or the caller was cancelled.
    func value() async throws -> Int {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let port = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Int?, Never>) in
                let known = state.withLock { state -> Int?? in
                    if let port = state.port { return .some(port) }
                    if state.isClosed || Task.isCancelled { return .some(nil) }
                    state.waiting[id] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: nil)
        }
        guard let port else { throw CancellationError() }
        return port
    }
}
