import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate signed by itself, and its key, both in PEM.
package struct TestCertificate: Sendable {
    package var chain: String
    package var key: String

    /// Made for this run, with an elliptic key.
    package static func make(_ name: String) throws -> TestCertificate {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName { CommonName(name) }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: Date(timeIntervalSince1970: 0),
            notValidAfter: Date(timeIntervalSince1970: 4_000_000_000), issuer: subject, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions { SubjectAlternativeNames([.dnsName(name)]) }, issuerPrivateKey: key)
        return TestCertificate(
            chain: try certificate.serializeAsPEM().pemString, key: try key.serializeAsPEM().pemString)
    }
}
