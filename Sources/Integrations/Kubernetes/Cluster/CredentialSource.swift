import Domain
import Synchronization

/// Gives the bearer token for each request; a token file is read anew, so that a rotated one holds at once.
final class CredentialSource: Sendable {
    private let credential: ClusterAccess.Credential
    private let onSecret: @Sendable (Secret) -> Void
    private let last = Mutex<Secret?>(nil)

    init(_ credential: ClusterAccess.Credential, onSecret: @escaping @Sendable (Secret) -> Void) {
        self.credential = credential
        self.onSecret = onSecret
        if case .token(let token) = credential { onSecret(token) }
    }

    /// Nil when the cluster wants none.
    func token() throws(ClusterAccessError) -> Secret? {
        switch credential {
        case .none: return nil
        case .token(let token): return token
        case .tokenFile(let path):
            let text = String(decoding: try BoundedFile.read(path), as: UTF8.self)
            let token = Secret(String(text.trimmed))
            guard !token.isEmpty else { throw ClusterAccessError("the token file \(path) is empty") }
            let isNew = last.withLock { known in
                defer { known = token }
                return known != token
            }
            if isNew { onSecret(token) }
            return token
        }
    }
}
