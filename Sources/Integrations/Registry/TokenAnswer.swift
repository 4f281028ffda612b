import Domain
import Foundation

/// What a token server gives (distribution.github.io, "Token Authentication Specification", token response fields).
struct TokenAnswer: Sendable, Hashable {
    /// Bytes of a token.
    static let longestToken = 16 * 1024
    /// How long before its end a token is not used any more.
    static let margin = Duration.seconds(10)
    private static let usualLife = 60
    private static let longestLife = 86_400

    var token: Secret
    /// When to stop using it.
    var until: Date

    /// Nil when there is no token in it. `asked` is when the token was asked for.
    init?(_ body: [UInt8], asked: Date) {
        guard let answer = try? JSONValue(parsing: body),  // whatever is no JSON holds no token
            let token = (answer["token"] ?? answer["access_token"])?.stringValue,
            (1...TokenAnswer.longestToken).contains(token.utf8.count),
            // It goes into a header.
            token.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        self.token = Secret(token)
        let life = min(max(answer["expires_in"]?.intValue ?? TokenAnswer.usualLife, 0), TokenAnswer.longestLife)
        // A server that hands out an older token again says since when it counts; a clock ahead of ours says nothing.
        let issued = answer["issued_at"]?.stringValue.flatMap { Date(rfc3339: $0) } ?? asked
        until = min(issued, asked).advanced(by: .seconds(life) - TokenAnswer.margin)
    }
}
