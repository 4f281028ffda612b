import Domain
import Foundation
import Outbound

/// Asks a token service, and reads what it answers (RFC 6749 §5, RFC 8693 §2.2).
struct TokenService: Sendable {
    /// One request, from its start to the last byte.
    static let patience = Duration.seconds(20)
    /// The longest life that is believed of a token.
    static let longestLife = 12 * 3600
    /// What every token is for.
    static let scope = "https://www.googleapis.com/auth/cloud-platform"

    let session: HTTPSession
    let time: any TimeSource

    /// An answer with `access_token` and `expires_in`. `what` is who is asked, for people.
    func token(_ request: HTTPRequest, _ what: String) async throws -> AccessToken {
        let asked = time.now
        let answer = try await json(request, what)
        guard let token = answer["access_token"]?.stringValue, !token.isEmpty else {
            throw GoogleFailure("\(what) answers without a token")
        }
        let life = min(max(answer["expires_in"]?.intValue ?? 0, 0), TokenService.longestLife)
        guard life > 0 else { throw GoogleFailure("\(what) answers with a token whose end cannot be read") }
        return AccessToken(secret: Secret(token), endsAt: asked.advanced(by: .seconds(life)))
    }

    /// Throws `GoogleFailure` for all but a 200 with a JSON object.
    func json(_ request: HTTPRequest, _ what: String) async throws -> JSONValue {
        let response = try await answer(request, what)
        // Neither the text nor the parser's words are shown: there may be a token in them.
        guard let body = try? JSONValue(parsing: response.body), body.objectValue != nil else {
            throw GoogleFailure("\(what) answers with something else than a JSON object")
        }
        return body
    }

    /// Throws `GoogleFailure` for all but a 200.
    func answer(_ request: HTTPRequest, _ what: String) async throws -> HTTPResponse {
        let response: HTTPResponse
        do {
            response = try await session.send(request, maxBody: 256 * 1024, timeout: TokenService.patience)
        } catch let error as HTTPError {
            var failure = GoogleFailure("\(what) cannot be reached: \(error.message)")
            failure.isTransient = true
            throw failure
        }
        guard response.status == 200 else { throw TokenService.failure(response, what, now: time.now) }
        return response
    }

    static func form(_ url: String, _ members: [(String, String)]) -> HTTPRequest {
        HTTPRequest(
            method: "POST", url: url,
            headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")],
            body: FormText.form(members))
    }

    private static func failure(_ response: HTTPResponse, _ what: String, now: Date) -> GoogleFailure {
        let body = try? JSONValue(parsing: response.body)  // not JSON: a proxy's own page, which is not shown
        // Two styles: OAuth's own and that of Google's other services.
        guard let code = body?["error"]?.stringValue else {
            var failure = GoogleFailure(response, now: now)
            failure.message = "\(what): \(failure.message)"
            failure.mayHaveTakenEffect = false
            return failure
        }
        let words = OneLine.of(body?["error_description"]?.stringValue ?? "")
        var failure = GoogleFailure("\(what) answers \(response.status) \(OneLine.of(code))")
        if !words.isEmpty { failure.message += ": \(words)" }
        failure.status = response.status
        failure.isTransient = response.status == 429 || response.status >= 500
        failure.retryAfter = response.retryAfter(now: now)
        failure.hint = hint(code, words)
        return failure
    }

    private static func hint(_ code: String, _ words: String) -> String? {
        switch code {
        case "invalid_grant" where words.contains("iat") || words.contains("reasonable timeframe"):
            "the clock of this machine may be off: compare it with a time server"
        case "invalid_grant":
            "the key or login may be revoked or deleted: make a new one (or the clock of this machine is off)"
        case "invalid_client", "unauthorized_client": "make a new key or login: this one is not known any more"
        case "invalid_target", "invalid_request":
            "compare the audience and the provider of the workload identity with those at Google"
        default: nil
        }
    }
}
