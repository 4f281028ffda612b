import Domain
import Foundation

/// Geth's authenticated JSON-RPC (port 8551 of a real one): a token of HS256 in each request, whose `iat` is at most a
/// minute from the server's clock (ethereum/execution-apis, "Authentication"); refusals in Geth's words.
struct EngineAPI: Sendable {
    /// How far the token's time may be from the server's, seconds.
    static let tolerance = 60

    let geth: GethRPC
    /// The secret of both halves, 32 bytes.
    let secret: [UInt8]
    let state: @Sendable () -> EthereumNodeState
    let time: any TimeSource

    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        if let refusal = refusal(request) { return .text(401, refusal + "\n") }
        return geth.answer(request)
    }

    private func refusal(_ request: SandboxRequest) -> String? {
        guard let token = request.bearerToken, !token.isEmpty else { return "missing token" }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return "token contains an invalid number of segments" }
        guard let header = EngineAPI.json(parts[0]), let claims = EngineAPI.json(parts[1]),
            let signature = EngineAPI.bytes(parts[2])
        else { return "token is malformed" }
        guard header["alg"] == "HS256" else {
            return "signing method \(header["alg"]?.stringValue ?? "none") is invalid"
        }
        let state = state()
        let key = state.has(.wrongSecret) ? secret.map { $0 ^ 0xff } : secret
        guard EngineAPI.signature("\(parts[0]).\(parts[1])", key) == signature else { return "signature is invalid" }
        guard let issued = claims["iat"]?.intValue else { return "missing issued-at" }
        let now = Int(time.now.timeIntervalSince1970) + (state.has(.clockOff) ? 120 : 0)
        if now - issued > EngineAPI.tolerance { return "stale token" }
        return issued - now > EngineAPI.tolerance ? "future token" : nil
    }

    private static func signature(_ text: String, _ key: [UInt8]) -> [UInt8] {
        HMACBytes.sha256(Array(text.utf8), key: key)
    }

    private static func json(_ part: String) -> JSONValue? {
        bytes(part).flatMap { try? JSONValue(parsing: $0) }  // what is no JSON is no token
    }

    /// Base64 for URLs, without padding (RFC 7515 §2).
    private static func bytes(_ part: String) -> [UInt8]? {
        var text = part.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: text).map(Array.init)
    }
}
