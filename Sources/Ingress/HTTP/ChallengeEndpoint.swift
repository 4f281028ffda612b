import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Answers certificate authorities that look whether the bot controls a name (RFC 8555 §8.3).
enum ChallengeEndpoint {
    /// Characters of the longest token; today's have 43.
    static let longestToken = 128

    static func route(_ answers: ChallengeAnswers) -> Route {
        Route(method: .get, path: "/.well-known/acme-challenge/{token}", source: Source("acme")) { _, parameters in
            let token = parameters["token"] ?? ""
            guard isToken(token), let answer = answers.answer(to: token) else {
                // Asked at any time by anybody, so it is no refusal that is told and counted.
                return Answer.error("there is no challenge with that token", status: .notFound)
            }
            var response = Answer.bytes(answer.utf8, type: "application/octet-stream")
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }

    /// The alphabet of base64url, without padding.
    private static func isToken(_ text: String) -> Bool {
        (1...longestToken).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
