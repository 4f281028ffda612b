import Domain
import Foundation
import JWTKit
import Outbound

/// Tries the authenticated JSON-RPC of an execution client, as its consensus client uses it: each request carries a
/// token of HS256 that says when it was made (ethereum/execution-apis, "Authentication").
struct EngineClient: Sendable {
    /// What it says to a token of ours.
    enum Answer: Sendable, Hashable {
        case accepted
        /// The token's time does not fit the server's clock; Geth allows a minute.
        case clock(String)
        /// It does not take the token, in its words: it has another secret.
        case refused(String)
        /// No answer that tells anything.
        case failed(NodeFailure)
        /// What the settings give is no such secret.
        case noSecret
    }

    private struct Claims: JWTPayload {
        // Whole seconds.
        var iat: Int

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    private static let maxAnswer = 64 * 1024
    /// Bytes of the secret.
    private static let secretLength = 32

    private let url: String
    private let secret: Secret
    private let session: HTTPSession

    init(url: String, secret: Secret, session: HTTPSession) {
        self.url = url
        self.secret = secret
        self.session = session
    }

    /// Sends a harmless call. Throws only `CancellationError`.
    func attempt(now: Date) async throws -> Answer {
        guard let token = await token(now) else { return .noSecret }
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []]
        let request = HTTPRequest(
            method: "POST", url: url,
            headers: [("Content-Type", "application/json"), ("Authorization", "Bearer " + token.reveal())],
            body: body.canonicalBytes)
        do {
            let response = try await session.answer(to: request, maxBody: EngineClient.maxAnswer)
            return EngineClient.read(response)
        } catch let failure as NodeFailure {
            return .failed(NodeFailure(failure.kind, "engine API: \(failure.message)", reach: failure.reach))
        }
    }

    private static func read(_ response: HTTPResponse) -> Answer {
        let words = String(response.text.trimmed.prefix(120))
        switch response.status {
        case 200: return .accepted
        // Geth's words for a token that is more than a minute old, or as far ahead (node/jwt_handler.go).
        case 401 where ["stale token", "future token", "token is expired"].contains(words): return .clock(words)
        case 401, 403: return .refused(words.isEmpty ? "status \(response.status)" : words)
        default: return .failed(.status(response.status, what: "engine API"))
        }
    }

    /// Nil when the secret is none of 32 bytes, in hexadecimal, with `0x` before it or without.
    private func token(_ now: Date) async -> Secret? {
        let text = secret.reveal().trimmed
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        guard let key = Hex.decode(digits), key.count == EngineClient.secretLength else { return nil }
        let claims = Claims(iat: Int(now.timeIntervalSince1970.rounded(.down)))
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: key), digestAlgorithm: .sha256)
        // Signing such claims with such a key cannot fail; if it did, there would be no token.
        return (try? await keys.sign(claims)).map { Secret($0) }
    }
}
