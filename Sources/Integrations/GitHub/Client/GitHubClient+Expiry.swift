package import Domain
import Foundation
import Outbound
import Synchronization

extension GitHubClient: ExpirySource {
    /// Says when the token ends (docs.github.com, "Token expiration and revocation").
    static let expirationHeader = "github-authentication-token-expiration"

    /// Of the token, once GitHub has answered to it. Keys of apps have no end, and their tokens are made anew all the
    /// time.
    package func expiries() async -> [Expiry] {
        tokenEnd.withLock { $0 }.map { [Expiry(name: "github.token", endsAt: $0)] } ?? []
    }

    func noteTokenEnd(_ response: HTTPResponse) {
        guard case .token = credentials.kind, response.status < 500 else { return }
        // A token without an end has no such header; neither has a refusal.
        guard let text = response.headers[GitHubClient.expirationHeader] else {
            if response.status < 300 { tokenEnd.withLock { $0 = nil } }
            return
        }
        guard let end = GitHubClient.tokenEnd(text) else { return }
        tokenEnd.withLock { $0 = end }
    }

    /// Reads `2026-12-31 23:59:59 UTC` and `2026-12-31 23:59:59 +0200`.
    static func tokenEnd(_ text: String) -> Date? {
        let parts = text.split(separator: " ")
        guard parts.count == 3 else { return nil }
        let zone = parts[2] == "UTC" ? "Z" : String(parts[2].prefix(3) + ":" + parts[2].dropFirst(3))
        return Date(rfc3339: "\(parts[0])T\(parts[1])\(zone)")
    }
}
