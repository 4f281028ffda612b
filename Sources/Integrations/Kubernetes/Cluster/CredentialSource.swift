import Domain
import Foundation
import Synchronization

/// Gives the bearer token for each request. A token file is read anew, so that a rotated one holds at once; what a plugin
/// gave is kept until shortly before its end.
final class CredentialSource: Sendable {
    /// How long before its end a token is not used any more.
    static let margin = Duration.seconds(60)

    private let credential: ClusterAccess.Credential
    private let environment: [String: String]
    private let time: any TimeSource
    private let onSecret: @Sendable (Secret) -> Void
    private let last = Mutex<Secret?>(nil)
    private let plugin = PluginToken()
    private let provider: (any HostedClusters)?

    /// `environment` is what a credential plugin sees, `provider` who gives the tokens of a hosted cluster.
    init(
        _ credential: ClusterAccess.Credential, environment: [String: String] = [:],
        provider: (any HostedClusters)? = nil,
        time: any TimeSource = SystemTime(), onSecret: @escaping @Sendable (Secret) -> Void
    ) {
        self.credential = credential
        self.environment = environment
        self.provider = provider
        self.time = time
        self.onSecret = onSecret
        if case .token(let token) = credential { onSecret(token) }
    }

    /// Nil when the cluster wants none. Throws `ClusterAccessError`.
    func token() async throws -> Secret? {
        switch credential {
        case .none: return nil
        case .token(let token): return token
        case .tokenFile(let path):
            let text = String(decoding: try ClusterFile.read(path), as: UTF8.self)
            let token = Secret(String(text.trimmed))
            guard !token.isEmpty else { throw ClusterAccessError("the token file \(path) is empty") }
            let isNew = last.withLock { known in
                defer { known = token }
                return known != token
            }
            if isNew { onSecret(token) }
            return token
        case .hosted:
            guard let provider else { throw ClusterAccessError("no provider gives tokens for the cluster") }
            do { return try await provider.token() } catch let error as ActionError {
                throw ClusterAccessError(error.message, hint: error.hint)
            }
        case .plugin(let program):
            return try await plugin.token(now: { self.time.now }) {
                let found = try await program.credential(in: self.environment)
                self.onSecret(found.token)
                return found
            }
        }
    }

    /// The server does not take this token: one that a plugin gave is asked for anew. True when another try is worth it.
    func isRefused(_ token: Secret) async -> Bool {
        switch credential {
        case .plugin: return await plugin.forget(token)
        case .hosted:
            await provider?.forget(token)
            return provider != nil
        default: return false
        }
    }
}

/// The token that a plugin gave. Whoever wants one while it is being asked for waits for that one.
private actor PluginToken {
    private var known: ExecPlugin.Credential?
    private var asking: Task<ExecPlugin.Credential, any Error>?

    func token(
        now: @escaping @Sendable () -> Date, ask: @escaping @Sendable () async throws -> ExecPlugin.Credential
    ) async throws -> Secret {
        if let known {
            let isFresh = known.endsAt.map { now().since($0) < .zero - CredentialSource.margin } ?? true
            if isFresh { return known.token }
        }
        // Not ended by the end of who asked first: the others wait for it too, and it has a bound of its own.
        let task = asking ?? Task { try await ask() }
        asking = task
        defer { if asking == task { asking = nil } }
        let found = try await task.value
        known = found
        return found.token
    }

    /// True the first time that this token is forgotten.
    func forget(_ token: Secret) -> Bool {
        guard known?.token == token else { return known != nil }
        known = nil
        return true
    }
}
