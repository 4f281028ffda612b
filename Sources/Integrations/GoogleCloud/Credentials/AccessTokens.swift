import Domain
import Foundation
import Outbound
import Synchronization

/// Keeps the token, and renews it once for all who ask at the same time.
final class AccessTokens: Sendable {
    /// After a renewal that failed the old token is used that long without asking again.
    static let pause = Duration.seconds(30)

    private struct State {
        var known: AccessToken?
        var nextTry = Date.distantPast
    }

    private let grant: any TokenGrant
    private let time: any TimeSource
    private let onSecret: @Sendable (Secret) -> Void
    private let state = Mutex(State())
    private let fetches = SharedFetch<Secret>()

    init(_ grant: any TokenGrant, time: any TimeSource, onSecret: @escaping @Sendable (Secret) -> Void) {
        self.grant = grant
        self.time = time
        self.onSecret = onSecret
    }

    /// Throws `GoogleFailure` or `CancellationError`.
    func token() async throws -> Secret {
        try await fetches.value(for: "token") {
            let now = time.now
            return state.withLock { state in
                guard let known = state.known else { return nil }
                let isPaused = known.isGood(at: now) && now < state.nextTry
                return known.isFresh(at: now) || isPaused ? known.secret : nil
            }
        } fetch: {
            try await renewed()
        }
    }

    /// Google does not take this token any more.
    func forget(_ secret: Secret) {
        state.withLock { state in
            if state.known?.secret == secret { state.known = nil }
        }
    }

    private func renewed() async throws -> Secret {
        let found: AccessToken
        do { found = try await grant.token() } catch let failure as GoogleFailure {
            let now = time.now
            let old = state.withLock { state -> Secret? in
                guard let known = state.known, known.isGood(at: now) else { return nil }
                state.nextTry = now.advanced(by: AccessTokens.pause)
                return known.secret
            }
            guard let old else { throw failure }
            return old
        }
        onSecret(found.secret)
        state.withLock { $0.known = found }
        return found.secret
    }
}
