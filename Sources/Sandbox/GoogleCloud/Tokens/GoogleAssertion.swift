import CryptoExtras
import Domain
import Foundation

/// Checks the JSON Web Token by which a service account asks for an access token
/// (developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests).
struct GoogleAssertion {
    let accounts: [GoogleCloudStandIn.Account]
    /// What may stand in `aud`.
    let endpoints: [String]
    let now: Date

    /// Whose it is. Throws Google's refusal.
    func account(of assertion: String) throws -> GoogleCloudStandIn.Account {
        let parts = assertion.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let header = GoogleAssertion.object(parts[0]),
            let claims = GoogleAssertion.object(parts[1]), let signature = GoogleAssertion.bytes(parts[2])
        else { throw refused("Bad Request", "invalid_request") }
        guard header["alg"] == "RS256" else { throw refused("Invalid JWT: the algorithm must be RS256.") }
        guard let issuer = claims["iss"]?.stringValue, let account = accounts.first(where: { $0.email == issuer })
        else {
            throw refused("Invalid grant: account not found")
        }
        try check(account, header, signature, text: "\(parts[0]).\(parts[1])")
        try check(claims)
        guard claims["scope"]?.stringValue?.isEmpty == false else {
            throw refused("Invalid OAuth scope or ID token audience provided.", "invalid_scope")
        }
        return account
    }

    private func refused(_ description: String, _ error: String = "invalid_grant") -> GoogleTokenEndpoints.Refusal {
        GoogleTokenEndpoints.Refusal(error: error, description: description)
    }

    private func check(
        _ account: GoogleCloudStandIn.Account, _ header: [String: JSONValue], _ signature: Data, text: String
    ) throws {
        let keys = account.keys.filter { header["kid"] == nil || header["kid"]?.stringValue == $0.key }
        let isSigned = keys.values.contains { pem in
            // A key that cannot be read checks nothing.
            guard let key = try? _RSA.Signing.PublicKey(pemRepresentation: pem) else { return false }
            return key.isValidSignature(
                .init(rawRepresentation: signature), for: Data(text.utf8), padding: .insecurePKCS1v1_5)
        }
        guard isSigned else { throw refused("Invalid JWT Signature.") }
    }

    private func check(_ claims: [String: JSONValue]) throws {
        guard let audience = claims["aud"]?.stringValue, endpoints.contains(audience) else {
            throw refused("Invalid JWT: Failed audience check. The right audience is \(endpoints[0])")
        }
        let seconds = Int64(now.timeIntervalSince1970)
        guard case .int(let begins) = claims["iat"], case .int(let ends) = claims["exp"], ends > begins,
            ends - begins <= 3600, begins <= seconds + 300, ends > seconds, seconds - begins <= 3600
        else {
            throw refused(
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat "
                    + "and exp values in the JWT claim.")
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
