import Domain
import Foundation
import Synchronization

/// The access tokens that were given out, and what each may do.
final class GoogleTokens: Sendable {
    struct Grant: Sendable {
        /// `bot@example-project.iam.gserviceaccount.com`.
        var principal: String
        /// IAM permissions; nil: all.
        var permissions: Set<String>?
        var until: Date
    }

    /// Tokens that are remembered.
    static let most = 10_000

    private let grants = Mutex<[String: Grant]>([:])
    private let time: any TimeSource
    private let life: Duration

    init(time: any TimeSource, life: Duration) {
        self.time = time
        self.life = life
    }

    /// A new token, and how many whole seconds it will live.
    func issue(
        _ principal: String, _ permissions: Set<String>?, life asked: Duration? = nil
    ) -> (token: String, seconds: Int, until: Date) {
        let token = "ya29.c." + (0..<40).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        let now = time.now
        let until = now.advanced(by: asked.map { min($0, life) } ?? life)
        grants.withLock { grants in
            if grants.count >= GoogleTokens.most { grants = grants.filter { $0.value.until > now } }
            grants[token] = Grant(principal: principal, permissions: permissions, until: until)
        }
        return (token, max(Int(until.timeIntervalSince(now)) - 1, 0), until)
    }

    /// Who presents that token; nil for one that is unknown or over.
    func grant(of token: String) -> Grant? {
        guard let grant = grants.withLock({ $0[token] }), time.now < grant.until else { return nil }
        return grant
    }

    /// Makes every token invalid at once.
    func revokeAll() { grants.withLock { $0 = [:] } }
}
