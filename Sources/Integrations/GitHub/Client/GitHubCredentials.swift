import Domain
import Foundation
import Outbound
import Synchronization

/// As whom the bot speaks: with one token, or as an app with a token for each owner that has installed it.
final class GitHubCredentials: Sendable {
    enum Kind: Sendable {
        case token(Secret)
        case app(AppKey)
    }

    /// Owners whose installation is remembered.
    static let mostOwners = 1000

    private struct Known: Sendable {
        var installation: Int
        var token: InstallationToken?
    }

    let kind: Kind
    private let time: any TimeSource
    private let onSecret: @Sendable (Secret) -> Void
    private let known = Mutex<[String: Known]>([:])
    private let fetches = SharedFetch<Secret>()

    init(_ kind: Kind, time: any TimeSource, onSecret: @escaping @Sendable (Secret) -> Void) {
        self.kind = kind
        self.time = time
        self.onSecret = onSecret
    }

    /// Under whose limits a call counts.
    func account(of speaker: GitHubCall.Speaker) -> String {
        switch (kind, speaker) {
        case (.token, _): "token"
        case (.app, .bot): "app"
        case (.app, .owner(let owner)): "installation/\(owner.lowercased())"
        }
    }

    /// The secret to show. `send` makes calls as the app itself. Throws `GitHubFailure`.
    func secret(
        for speaker: GitHubCall.Speaker, send: (GitHubCall) async throws -> GitHubReply
    ) async throws -> Secret {
        switch kind {
        case .token(let secret): return secret
        case .app(let key):
            guard case .owner(let owner) = speaker else { return try await key.token(now: time.now) }
            let name = owner.lowercased()
            return try await fetches.value(for: name) {
                known.withLock { $0[name]?.token }.flatMap { $0.isFresh(at: time.now) ? $0.secret : nil }
            } fetch: {
                try await fetch(owner, send)
            }
        }
    }

    /// A secret that GitHub does not take any more is not used again. Returns whether another one can be had.
    func forget(_ secret: Secret, of speaker: GitHubCall.Speaker) -> Bool {
        guard case .app = kind, case .owner(let owner) = speaker else { return false }
        known.withLock { known in
            guard known[owner.lowercased()]?.token?.secret == secret else { return }
            known[owner.lowercased()] = nil
        }
        return true
    }

    private func fetch(_ owner: String, _ send: (GitHubCall) async throws -> GitHubReply) async throws -> Secret {
        let name = owner.lowercased()
        if let installation = known.withLock({ $0[name]?.installation }) {
            do { return try await token(of: installation, name, send) } catch let error as GitHubFailure {
                // The app may have been installed anew, under another number.
                guard error.status == 404 else { throw error }
                known.withLock { $0[name] = nil }
            }
        }
        return try await token(of: try await installation(of: owner, send), name, send)
    }

    private func installation(of owner: String, _ send: (GitHubCall) async throws -> GitHubReply) async throws -> Int {
        struct Installation: Decodable { var id: Int }
        for kind in ["orgs", "users"] {
            do {
                return try await send(GitHubCall(bot: "/\(kind)/\(owner)/installation")).decode(Installation.self).id
            } catch let error as GitHubFailure {
                guard error.status == 404 else { throw error }
            }
        }
        throw GitHubFailure(
            "the GitHub App is not installed at \(owner)", status: 404,
            hint: "install the app there, for the repositories that it is needed for")
    }

    private func token(
        of installation: Int, _ name: String, _ send: (GitHubCall) async throws -> GitHubReply
    ) async throws -> Secret {
        struct Token: Decodable {
            var token: String
            var expiresAt: String
        }
        let call = GitHubCall(
            bot: "/app/installations/\(installation)/access_tokens", method: "POST", body: [:])
        let answer = try await send(call).decode(Token.self)
        guard let end = Date(rfc3339: answer.expiresAt), !answer.token.isEmpty else {
            throw GitHubFailure("GitHub's answer with a token has no end that can be read")
        }
        let secret = Secret(answer.token)
        onSecret(secret)
        known.withLock { known in
            if known.count >= GitHubCredentials.mostOwners { known.removeAll() }
            known[name] = Known(
                installation: installation, token: InstallationToken(secret: secret, expiresAt: end))
        }
        return secret
    }
}
