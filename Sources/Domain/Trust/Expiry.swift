package import Foundation

/// When a credential ends.
package struct Expiry: Sendable, Hashable {
    /// What it is and where it stands, without anything of its value: `clusters.analytics client certificate`.
    package var name: String
    package var endsAt: Date
    /// When it began; nil when it does not say. One that lives for hours is renewed by whoever makes it.
    package var beganAt: Date?

    package init(name: String, endsAt: Date, beganAt: Date? = nil) {
        self.name = name
        self.endsAt = endsAt
        self.beganAt = beganAt
    }

    /// The end that a JSON Web Token names (RFC 7519 §4.1.4, `exp`, and `iat` for its beginning); nil for a text that is
    /// none or that names no end. Nothing is verified: the token is our own.
    package init?(name: String, token: Secret) {
        let parts = token.reveal().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        var claims = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        claims += String(repeating: "=", count: (4 - claims.count % 4) % 4)
        guard let data = Data(base64Encoded: claims), let body = try? JSONValue(parsing: Array(data)),  // else no JWT
            let end = Expiry.date(body["exp"])
        else { return nil }
        self.init(name: name, endsAt: end, beganAt: Expiry.date(body["iat"]))
    }

    /// Seconds since 1970 (RFC 7519 §2, NumericDate).
    private static func date(_ value: JSONValue?) -> Date? {
        switch value {
        case .int(let seconds)?: Date(timeIntervalSince1970: Double(seconds))
        case .double(let seconds)? where seconds.isFinite: Date(timeIntervalSince1970: seconds)
        default: nil
        }
    }
}

/// Knows when credentials end. Each outside system's folder implements it for its own; asked every hour, and for
/// `/metrics`.
package protocol ExpirySource: Sendable {
    /// All whose end is known now. What cannot be read is left out: who uses it says so.
    func expiries() async -> [Expiry]
}
