import Domain
import Foundation
import Outbound

/// Answers a registry's challenge: gets a bearer token for one repository, or says that the password will do.
struct TokenService: Sendable {
    private static let maxAnswer = 256 * 1024
    private static let patience = Duration.seconds(15)

    /// The registry's name in the settings.
    var registry: String
    /// Where the registry answers.
    var registryURL: String
    var credentials: RegistryCredentials?
    var session: HTTPSession
    var onSecret: @Sendable (Secret) -> Void

    /// Nil when the header offers nothing that we can do. Throws `ActionError`, or `CancellationError`.
    func authorization(for repository: String, challenge header: String?, now: Date) async throws
        -> RegistryAuthorization?
    {
        let challenges = AuthenticationChallenge.read(header ?? "")
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            return try await token(for: repository, bearer, now: now)
        }
        guard challenges.contains(where: { $0.scheme == "basic" }), credentials != nil else { return nil }
        return .basic
    }

    private func token(for repository: String, _ challenge: AuthenticationChallenge, now: Date) async throws
        -> RegistryAuthorization
    {
        var request = HTTPRequest(url: try tokenURL(challenge, repository), headers: [("Accept", "application/json")])
        if let credentials { request.headers.append(("Authorization", credentials.basic)) }
        let failure = RegistryFailure(registry: registry, repository: repository)
        let response: HTTPResponse
        do {
            response = try await session.send(
                request, maxBody: TokenService.maxAnswer, timeout: TokenService.patience)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw failure.unreachable(error)
        }
        let who = "the token server of the registry \(registry)"
        guard response.status == 200 else {
            throw failure.status(response, of: who, hasCredentials: credentials != nil, now: now)
        }
        guard let answer = TokenAnswer(response.body, asked: now) else {
            throw ActionError("\(who) gives no token", retry: .later(afterMilliseconds: nil))
        }
        onSecret(answer.token)
        return .bearer(answer.token, until: answer.until)
    }

    /// The realm with `service` and `scope`. The password goes there, so it must be a place as safe as the registry.
    private func tokenURL(_ challenge: AuthenticationChallenge, _ repository: String) throws(ActionError) -> String {
        guard let realm = challenge.parameters["realm"], var url = URLComponents(string: realm),
            let host = url.host?.lowercased(), !host.isEmpty, url.user == nil, url.password == nil
        else { throw ActionError("the registry \(registry) names no place to get a token (realm)") }
        let own = URLComponents(string: registryURL)
        let isOwnHost = own?.scheme == "http" && own?.host?.lowercased() == host
        guard url.scheme == "https" || (url.scheme == "http" && isOwnHost) else {
            throw ActionError(
                "the registry \(registry) wants its token fetched from \(host) without TLS, where the password could be read",
                hint: "the registry's realm must begin with https://")
        }
        let scopes = challenge.parameters["scope"].map { $0.split(separator: " ").map(String.init) } ?? []
        var items = (challenge.parameters["service"]).map { [("service", $0)] } ?? []
        items += (scopes.isEmpty ? ["repository:\(repository):pull"] : scopes).map { ("scope", $0) }
        let query = items.map { "\($0.0)=\(TokenService.escaped($0.1))" }.joined(separator: "&")
        url.percentEncodedQuery = [url.percentEncodedQuery, query].compactMap { $0 }.filter { !$0.isEmpty }
            .joined(separator: "&")
        url.fragment = nil
        guard let text = url.string else {
            throw ActionError("the registry \(registry) names no place to get a token (realm)")
        }
        return text
    }

    /// RFC 3986 §2.3, and what tokens' scopes hold.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x3a, 0x41...0x5a, 0x61...0x7a, 0x2c...0x2f, 0x5f, 0x7e: String(UnicodeScalar(byte))
            default: "%" + Hex.encode([byte]).uppercased()
            }
        }.joined()
    }
}
