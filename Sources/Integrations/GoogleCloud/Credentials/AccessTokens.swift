import Domain
import Foundation

/// Keeps the token, and renews it once for all who ask at the same time.
actor AccessTokens {
    /// After a renewal that failed the old token is used that long without asking again.
    static let pause = Duration.seconds(30)

    private let grant: any TokenGrant
    private let time: any TimeSource
    private let onSecret: @Sendable (Secret) -> Void
    private var known: AccessToken?
    private var asking: Task<AccessToken, any Error>?
    private var nextTry = Date.distantPast

    init(_ grant: any TokenGrant, time: any TimeSource, onSecret: @escaping @Sendable (Secret) -> Void) {
        self.grant = grant
        self.time = time
        self.onSecret = onSecret
    }

    /// Throws `GoogleFailure` or `CancellationError`.
    func token() async throws -> Secret {
        let now = time.now
        if let known, known.isFresh(at: now) || (known.isGood(at: now) && now < nextTry) { return known.secret }
        do {
            return try await renewed().secret
        } catch {
            try Task.checkCancellation()
            guard let known, known.isGood(at: time.now) else { throw error }
            nextTry = time.now.advanced(by: AccessTokens.pause)
            return known.secret
        }
    }

    /// Google does not take this token any more.
    func forget(_ secret: Secret) {
        if known?.secret == secret { known = nil }
    }

    private func renewed() async throws -> AccessToken {
        // Not ended by the end of who asked first: the others wait for it too, and its requests have bounds of their own.
        let task = asking ?? Task { [grant] in try await grant.token() }
        asking = task
        defer { if asking == task { asking = nil } }
        let found = try await task.value
        if known?.secret != found.secret { onSecret(found.secret) }
        known = found
        return found
    }
}
