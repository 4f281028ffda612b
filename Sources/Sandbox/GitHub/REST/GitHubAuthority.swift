import CryptoExtras
import Domain
import Foundation
import Synchronization

/// Who a request comes from: a user's token, an installation's token, or an App's JSON Web Token
/// (docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app).
final class GitHubAuthority: Sendable {
    private struct Issued {
        var owner: String
        var until: Int64
    }

    let token: Secret
    let user: GitHubStandIn.User
    let app: GitHubStandIn.App?
    private let time: any TimeSource
    private let issued = Mutex<[String: Issued]>([:])

    init(token: Secret, user: GitHubStandIn.User, app: GitHubStandIn.App?, time: any TimeSource) {
        self.token = token
        self.user = user
        self.app = app
        self.time = time
    }

    /// The credential of `Authorization: Bearer …` or `token …`.
    static func credential(of request: SandboxRequest) -> String? {
        guard let value = request.header("authorization") else { return nil }
        for scheme in ["bearer ", "token "] where value.lowercased().hasPrefix(scheme) {
            return value.dropFirst(scheme.count).trimmingCharacters(in: .whitespaces)
        }
        return ""
    }

    /// Who presents that token. Throws `Bad credentials` for one that is unknown or over.
    func actor(_ credential: String) throws -> GitHubActor {
        if !token.isEmpty, Secret(credential) == token { return GitHubActor(user: user, app: nil, bucket: user.login) }
        let found = issued.withLock { $0[credential] }
        guard let app, let found, time.now.microseconds < found.until else { throw GitHubError.badCredentials }
        return GitHubActor(user: app.bot, app: app, bucket: "installation of \(found.owner)")
    }

    /// A new token of an installation, and when it ends (microseconds since 1970).
    func issue(for owner: String, app: GitHubStandIn.App) -> (token: String, until: Int64) {
        let token = "ghs_" + (0..<36).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        let until = time.now.advanced(by: app.tokenLife).microseconds
        issued.withLock { $0[token] = Issued(owner: owner, until: until) }
        return (token, until)
    }

    /// Makes every token of an installation invalid at once.
    func revokeAll() { issued.withLock { $0 = [:] } }

    /// Checks an App's JSON Web Token: RS256 by the App's key; whole seconds; issued in the past; over in the future and
    /// within ten minutes; issued by the App's id or client id.
    func check(appToken: String) throws {
        let parts = appToken.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let app, parts.count == 3, let header = GitHubAuthority.object(parts[0]),
            let claims = GitHubAuthority.object(parts[1]), let signature = GitHubAuthority.bytes(parts[2]),
            header["alg"] == "RS256"
        else { throw GitHubError.badToken }
        // A key that cannot be read checks nothing.
        guard let key = try? _RSA.Signing.PublicKey(pemRepresentation: app.publicKeyPEM),
            key.isValidSignature(
                .init(rawRepresentation: signature), for: Data("\(parts[0]).\(parts[1])".utf8),
                padding: .insecurePKCS1v1_5)
        else { throw GitHubError.badToken }
        let now = Int(time.now.timeIntervalSince1970)
        guard case .int(let expires) = claims["exp"] else {
            throw GitHubError(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
            )
        }
        guard Int(expires) <= now + 600 else {
            throw GitHubError(401, "'Expiration time' claim ('exp') is too far in the future")
        }
        guard Int(expires) > now else {
            throw GitHubError(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
            )
        }
        guard case .int(let begins) = claims["iat"], Int(begins) <= now else {
            throw GitHubError(
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
        }
        guard let issuer = claims["iss"]?.plainText, issuer == String(app.id) || issuer == app.clientID else {
            throw GitHubError(404, "Integration not found")
        }
    }

    private static func object(_ part: String) -> [String: JSONValue]? {
        // What is no JSON is no token.
        bytes(part).flatMap { (try? JSONValue(parsing: $0))?.objectValue }
    }

    /// base64url without padding (RFC 7515 §2).
    private static func bytes(_ part: String) -> Data? {
        guard !part.contains("=") else { return nil }
        let plain = part.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }
}
