package import Domain
import Foundation
package import Outbound
import Synchronization

/// Speaks to GitHub's REST API (docs.github.com, "GitHub REST API documentation", version 2022-11-28), as a token's user
/// or as an app. Answers that did not change are not paid for twice, limits are kept for all callers together, and a
/// redirect is followed only where it stays at the same server.
package final class GitHubClient: Sendable {
    static let apiVersion = "2022-11-28"
    static let userAgent = "defimon"
    /// One call, from its start to the last byte.
    static let patience = Duration.seconds(20)
    /// Redirects of one call.
    static let maxRedirects = 3

    let credentials: GitHubCredentials
    let time: any TimeSource
    let root: APIRoot
    private let session: HTTPSession
    private let pause: RatePause
    private let cache = ReplyCache()
    private let own = Mutex<BotAccount?>(nil)
    /// When the token ends, as GitHub's last answer to it says.
    let tokenEnd = Mutex<Date?>(nil)

    /// Reads the token or the app's key. `onSecret` is told every installation token, so that the redactor knows it.
    /// Throws `MissingSecret`.
    package init(
        _ settings: GitHubSettings, secrets: any SecretSource, session: HTTPSession, time: any TimeSource,
        onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
    ) throws(MissingSecret) {
        root = APIRoot(settings.apiURL)
        self.session = session
        self.time = time
        pause = RatePause(time: time)
        credentials = GitHubCredentials(
            try GitHubClient.kind(settings, secrets), time: time, onSecret: onSecret)
    }

    private static func kind(_ settings: GitHubSettings, _ secrets: any SecretSource) throws(MissingSecret)
        -> GitHubCredentials.Kind
    {
        if let app = settings.app {
            guard let reference = app.privateKey else { throw MissingSecret("github.app.private_key is not set") }
            guard let key = AppKey(appID: app.id, pem: try secrets.secret(reference)) else {
                throw MissingSecret(
                    "the secret of github.app.private_key is not a private RSA key in PEM; give the file that GitHub "
                        + "made for the app")
            }
            return .app(key)
        }
        guard let reference = settings.token else {
            throw MissingSecret("github has neither a token nor an app")
        }
        let token = try secrets.secret(reference)
        guard !token.isEmpty else { throw MissingSecret("the secret of github.token is empty") }
        return .token(token)
    }

    // MARK: Calls

    /// Makes a call. Throws `GitHubFailure` for every answer but 2xx, or `CancellationError`.
    func send(_ call: GitHubCall) async throws -> GitHubReply {
        let secret = try await credentials.secret(for: call.speaker) { try await self.send($0) }
        do {
            return try await exchange(call, secret)
        } catch let error as GitHubFailure {
            // A token that was taken back: nothing was done, and another one may be had.
            guard error.status == 401, credentials.forget(secret, of: call.speaker) else { throw error }
        }
        return try await exchange(call, try await credentials.secret(for: call.speaker) { try await self.send($0) })
    }

    /// A request that fetches `path` of a repository's owner, with all headers, for callers that send it by themselves:
    /// a download that is too large to be collected. The secret in it is for GitHub's own server only. Throws
    /// `ActionError`.
    package func authorizedRequest(path: String, owner: String, accept: String = "application/vnd.github+json")
        async throws -> HTTPRequest
    {
        var call = GitHubCall(bot: path)
        call.speaker = .owner(owner)
        do {
            if let wait = pause.wait(credentials.account(of: call.speaker)) { throw GitHubClient.paused(wait) }
            let secret = try await credentials.secret(for: call.speaker) { try await self.send($0) }
            return request(call, url: call.url(below: root.url), secret, accept: accept)
        } catch let error as GitHubFailure {
            throw error.actionError("GitHub cannot be asked", changes: false)
        }
    }

    /// How texts from outside are written in comments there.
    var markdown: GitHubMarkdown { GitHubMarkdown(webHost: root.webHost) }

    // MARK: The bot itself

    /// Who the bot is on GitHub. Asked once.
    func account() async throws -> BotAccount {
        if let known = own.withLock({ $0 }) { return known }
        let account: BotAccount
        switch credentials.kind {
        case .token: account = try await send(GitHubCall(bot: "/user")).decode(BotAccount.User.self).account
        case .app: account = try await send(GitHubCall(bot: "/app")).decode(BotAccount.App.self).account
        }
        own.withLock { $0 = account }
        return account
    }

    // MARK: HTTP

    private func exchange(_ call: GitHubCall, _ secret: Secret) async throws -> GitHubReply {
        let account = credentials.account(of: call.speaker)
        if let wait = pause.wait(account) { throw GitHubClient.paused(wait) }
        var url = call.url(below: root.url)
        let key = "\(account) \(url)"
        let kept = call.isReading ? cache.reply(key) : nil
        for _ in 0...GitHubClient.maxRedirects {
            var request = request(call, url: url, secret)
            if let kept { request.headers.append(("If-None-Match", kept.tag)) }
            let response = try await answer(request, maxBody: call.maxAnswer)
            noteTokenEnd(response)
            let limit = RateLimit(response, now: time.now)
            if let wait = pause.note(limit, of: account) {
                throw GitHubFailure.limited(
                    "GitHub's rate limit is reached\(GitHubFailure.words(of: response))", after: wait,
                    status: response.status)
            }
            if response.status == 304, let kept { return kept.reply }
            if let target = redirect(response, of: call, from: url) {
                url = target
                continue
            }
            guard (200...299).contains(response.status) else { throw GitHubFailure(response, now: time.now) }
            let reply = GitHubReply(
                status: response.status, body: response.body, next: GitHubReply.next(in: response.headers["link"]))
            if call.isReading, let tag = response.headers["etag"] { cache.keep(reply, tag: tag, for: key) }
            return reply
        }
        throw GitHubFailure("GitHub redirects more than \(GitHubClient.maxRedirects) times")
    }

    private func request(
        _ call: GitHubCall, url: String, _ secret: Secret, accept: String = "application/vnd.github+json"
    ) -> HTTPRequest {
        var headers = [
            ("Accept", accept), ("Authorization", "Bearer \(secret.reveal())"),
            ("X-GitHub-Api-Version", GitHubClient.apiVersion), ("User-Agent", GitHubClient.userAgent),
        ]
        if call.body != nil { headers.append(("Content-Type", "application/json; charset=utf-8")) }
        return HTTPRequest(method: call.method, url: url, headers: headers, body: call.body?.canonicalBytes)
    }

    private func answer(_ request: HTTPRequest, maxBody: Int) async throws -> HTTPResponse {
        do {
            return try await session.send(request, maxBody: maxBody, timeout: GitHubClient.patience)
        } catch let error as HTTPError { throw GitHubFailure.unreachable(error) }
    }

    /// Where to go on, when the answer sends us elsewhere at the same server; the secret goes nowhere else.
    private func redirect(_ response: HTTPResponse, of call: GitHubCall, from url: String) -> String? {
        let isSame = [307, 308].contains(response.status)
        guard isSame || (call.isReading && [301, 302].contains(response.status)),
            let location = response.headers["location"], let base = URL(string: url),
            let target = URL(string: location, relativeTo: base)?.absoluteString, root.isHere(target)
        else { return nil }
        return target
    }

    private static func paused(_ wait: Duration) -> GitHubFailure {
        .limited("GitHub wants the bot to wait another \(DurationText.human(wait))", after: wait)
    }
}
