import Domain
import Foundation
import JWTKit
import Synchronization

/// The private key of a GitHub App, and the tokens by which the app shows that it has it (RS256; docs.github.com,
/// "Generating a JSON Web Token (JWT) for a GitHub App").
final class AppKey: Sendable {
    /// How far back a token says it was made: GitHub's clock may be behind ours.
    static let backdated = 60
    /// From when it says it was made to its end, seconds; GitHub takes at most 600 ahead of now.
    static let lifetime = 540

    struct Claims: JWTPayload {
        // GitHub wants whole seconds.
        var iat: Int
        var exp: Int
        var iss: String

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    let appID: String
    private let pem: Secret
    /// The newest key that could be read, with its text.
    private let newest: Mutex<(text: String, key: JWTKit.Insecure.RSA.PrivateKey)>

    /// Nil when the text is no private RSA key of at least 2048 bits in PEM, PKCS#1 or PKCS#8.
    init?(appID: String, pem: Secret) {
        let text = pem.reveal()
        guard let key = AppKey.key(text) else { return nil }
        self.appID = appID
        self.pem = pem
        newest = Mutex((text, key))
    }

    private static func key(_ text: String) -> JWTKit.Insecure.RSA.PrivateKey? {
        do { return try Insecure.RSA.PrivateKey(pem: String(text.trimmed)) } catch { return nil }
    }

    /// What the secret holds now; while that is no key, the one before.
    private var key: JWTKit.Insecure.RSA.PrivateKey {
        let text = pem.reveal()
        return newest.withLock { newest in
            if newest.text != text, let key = AppKey.key(text) { newest = (text, key) }
            return newest.key
        }
    }

    /// A token that is good from now on for eight minutes.
    func token(now: Date) async throws -> Secret {
        let made = Int(now.timeIntervalSince1970.rounded(.down)) - AppKey.backdated
        let keys = await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256)
        return Secret(try await keys.sign(Claims(iat: made, exp: made + AppKey.lifetime, iss: appID)))
    }
}
