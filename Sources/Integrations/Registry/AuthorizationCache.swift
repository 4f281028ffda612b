import Foundation
import Synchronization

/// The authorizations of one registry by repository, so that not every look asks for a token.
final class AuthorizationCache: Sendable {
    /// Repositories that are remembered; more than a team looks at in the life of a token.
    static let most = 256

    private let entries = Mutex<[String: RegistryAuthorization]>([:])

    /// What was good enough the last time and still is; nil when there is nothing.
    func authorization(for repository: String, at now: Date) -> RegistryAuthorization? {
        entries.withLock { $0[repository] }.flatMap { $0.isGood(at: now) ? $0 : nil }
    }

    func remember(_ authorization: RegistryAuthorization, for repository: String, at now: Date) {
        entries.withLock { entries in
            if entries.count >= AuthorizationCache.most {
                entries = entries.filter { $0.value.isGood(at: now) }
                if entries.count >= AuthorizationCache.most { entries.removeAll() }
            }
            entries[repository] = authorization
        }
    }

    func forget(_ repository: String) {
        entries.withLock { _ = $0.removeValue(forKey: repository) }
    }
}
