import Domain
import Synchronization

/// Failures that a stand-in plays, for a number of requests or until switched off. Kinds that are on together are used
/// in the order of `Kind`'s cases.
package final class SandboxFaults: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// 429 with `Retry-After`.
        case tooManyRequests
        /// 500, nothing is done.
        case internalError
        /// The connection is cut before anything is done.
        case reset
        /// The request takes effect, then the connection is cut: the sender cannot tell.
        case resetAfterwards
    }

    private struct State {
        /// How many requests are left for each kind; nil: until switched off.
        var left: [Kind: Int?] = [:]
        var retryAfter = 1
        var delay: Duration?
    }

    private let state = Mutex(State())
    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    /// The next `count` requests get 429 with `Retry-After` in seconds; nil: all, until cleared.
    package func tooManyRequests(_ count: Int?, retryAfter seconds: Int = 1) {
        state.withLock { $0.retryAfter = seconds }
        set(.tooManyRequests, count: count)
    }

    /// The next `count` requests get 500; nil: all, until cleared.
    package func internalErrors(_ count: Int?) { set(.internalError, count: count) }

    /// The next `count` requests lose their connection; nil: all, until cleared.
    package func reset(_ count: Int?) { set(.reset, count: count) }

    /// The next `count` requests take effect and lose their connection; nil: all, until cleared.
    package func resetAfterwards(_ count: Int?) { set(.resetAfterwards, count: count) }

    /// Every answer comes that much later; nil: at once.
    package func slow(_ delay: Duration?) { state.withLock { $0.delay = delay } }

    /// Switches one kind off.
    package func clear(_ kind: Kind) {
        state.withLock { state in _ = state.left.removeValue(forKey: kind) }
    }

    /// Switches everything off.
    package func clear() { state.withLock { $0 = State() } }

    /// Whether a kind is on.
    package func isOn(_ kind: Kind) -> Bool { state.withLock { $0.left[kind] != nil } }

    /// Whether answers are delayed.
    package var isSlow: Bool { state.withLock { $0.delay != nil } }

    private func set(_ kind: Kind, count: Int?) {
        state.withLock { state in
            if let count, count <= 0 {
                _ = state.left.removeValue(forKey: kind)
            } else {
                state.left[kind] = .some(count)
            }
        }
    }

    /// Takes one request's failure.
    private func take() -> (kind: Kind, retryAfter: Int)? {
        state.withLock { state in
            guard let kind = Kind.allCases.first(where: { state.left[$0] != nil }) else { return nil }
            if let left = state.left[kind], let count = left {
                if count > 1 { state.left[kind] = .some(count - 1) } else { _ = state.left.removeValue(forKey: kind) }
            }
            return (kind, state.retryAfter)
        }
    }

    /// Answers a request with what is switched on, else with `normal`.
    func play(
        tooManyRequests: (_ seconds: Int) -> SandboxAnswer, internalError: () -> SandboxAnswer,
        normal: () async throws -> SandboxAnswer
    ) async throws -> SandboxAnswer {
        if let delay = state.withLock({ $0.delay }) { try await time.sleep(for: delay) }
        guard let (kind, seconds) = take() else { return try await normal() }
        switch kind {
        case .tooManyRequests: return tooManyRequests(seconds)
        case .internalError: return internalError()
        case .reset: return .reset
        case .resetAfterwards:
            _ = try await normal()
            return .reset
        }
    }
}
