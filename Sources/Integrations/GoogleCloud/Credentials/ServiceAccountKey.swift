import Domain
import Foundation
import JWTKit

/// The JSON key of a service account, and the assertions that it signs (developers.google.com/identity/protocols/oauth2/
/// service-account, "Preparing to make an authorized API call").
struct ServiceAccountKey: Sendable {
    /// How long an assertion is good, seconds; Google takes at most an hour.
    static let lifetime = 3600
    static let usualTokenURL = "https://oauth2.googleapis.com/token"

    struct Claims: JWTPayload, Equatable {
        var iss: String
        var scope: String
        var aud: String
        // Google wants whole seconds.
        var iat: Int
        var exp: Int

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    let email: String
    let keyID: String?
    let tokenURL: String
    private let key: JWTKit.Insecure.RSA.PrivateKey
    /// The part of the file that must not leave by itself.
    let privateKey: Secret

    /// Throws `GoogleFailure` that says what the file lacks, and nothing of what is in it.
    init(_ text: String, _ what: String) throws {
        guard let json = try? JSONValue(parsing: text), json["type"]?.stringValue == "service_account" else {
            throw GoogleFailure(
                "\(what) is no key of a service account", hint: "give the JSON file that Google made for the key")
        }
        guard let email = json["client_email"]?.stringValue, !email.isEmpty,
            let pem = json["private_key"]?.stringValue
        else { throw GoogleFailure("\(what) lacks client_email or private_key") }
        do {
            key = try Insecure.RSA.PrivateKey(pem: pem)
        } catch {
            throw GoogleFailure("the private_key in \(what) is no private RSA key in PEM")
        }
        self.email = email
        keyID = json["private_key_id"]?.stringValue
        tokenURL = json["token_uri"]?.stringValue ?? ServiceAccountKey.usualTokenURL
        privateKey = Secret(pem)
    }

    /// RS256 (RFC 7515, RFC 7523).
    func assertion(now: Date) async throws -> Secret {
        let made = Int(now.timeIntervalSince1970.rounded(.down))
        let claims = Claims(
            iss: email, scope: TokenService.scope, aud: tokenURL, iat: made, exp: made + ServiceAccountKey.lifetime)
        let keys = await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256)
        var header = JWTHeader()
        header.kid = keyID
        return Secret(try await keys.sign(claims, header: header))
    }
}
