import Crypto
import Domain
import Foundation
import SwiftASN1
import X509

/// A certificate signed by itself, for the time until the bot has one. Nobody trusts it; the listener is up with it, so that
/// the bot can start, prove its control over its name, and fetch its first.
struct PassingCertificate: Sendable {
    static let lifetime = Duration.seconds(365 * 86_400)

    /// In PEM.
    let chain: String
    let key: Secret

    /// Throws what the library throws.
    init(now: Date = Date()) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName { CommonName("defimon has no certificate yet") }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            // Clocks differ.
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.advanced(by: PassingCertificate.lifetime), issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions { SubjectAlternativeNames([.dnsName("defimon.invalid")]) },
            issuerPrivateKey: key)
        chain = try certificate.serializeAsPEM().pemString
        self.key = Secret(try key.serializeAsPEM().pemString)
    }
}
