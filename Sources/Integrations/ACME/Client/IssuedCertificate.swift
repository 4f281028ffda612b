import Domain
package import Foundation
import Outbound
import SwiftASN1
import X509

/// A certificate with its chain that was read from PEM. Nobody has verified it; `complaint` does.
package struct IssuedCertificate: Sendable, Hashable {
    /// Certificates of a chain at most.
    package static let longestChain = 10

    /// The certificates in PEM, its own first, then those that lead to the root.
    package let chain: String
    /// Its own: DER (RFC 5280).
    package let leafDER: [UInt8]
    /// Hexadecimal, in lower case.
    package let serialNumber: String
    package let notBefore: Date
    package let notAfter: Date
    /// Host names for which it is good.
    package let names: [String]
    /// Who signed it, as RFC 4514 writes names: `CN=R11,O=Let's Encrypt,C=US`.
    package let issuer: String
    /// The root's short name: the common name of the issuer of the chain's last certificate.
    package let issuerName: String
    /// What it is asked after by at its CA (RFC 9773 §4.1); nil: it does not name its issuer's key.
    package let certID: String?
    let certificates: [Certificate]

    /// Reads PEM of `CertificateBundle.largestChain` bytes at most. Throws `ACMEError`.
    package init(chain text: String) throws(ACMEError) {
        guard text.utf8.count <= CertificateBundle.largestChain else {
            throw ACMEError.strange("the chain is longer than \(CertificateBundle.largestChain) bytes")
        }
        do {
            let documents = try PEMDocument.parseMultiple(pemString: text)
            guard (1...IssuedCertificate.longestChain).contains(documents.count), let first = documents.first else {
                throw ACMEError.strange(
                    "the chain has \(documents.count) certificates, not 1 to \(IssuedCertificate.longestChain)")
            }
            certificates = try documents.map { try Certificate(pemDocument: $0) }
            chain = documents.map { $0.pemString + "\n" }.joined()
            leafDER = first.derBytes
            let leaf = try PeerCertificate(der: first.derBytes)
            serialNumber = leaf.serialNumber
            notBefore = leaf.notBefore
            notAfter = leaf.notAfter
            names = leaf.names
            issuer = leaf.issuer
            issuerName = certificates.last.map { CommonNames.of($0.issuer) ?? "\($0.issuer)" } ?? ""
            certID = try certificates.first.flatMap(IssuedCertificate.certID)
        } catch let error as ACMEError {
            throw error
        } catch {
            throw ACMEError.strange("the chain cannot be read: \(OneLine.of("\(error)", atMost: 200))")
        }
    }

    /// The identifier of the issuer's key and the serial number as DER has it, which puts a zero before one whose first
    /// bit is set, both in base64url.
    private static func certID(_ certificate: Certificate) throws -> String? {
        guard let key = try certificate.extensions.authorityKeyIdentifier?.keyIdentifier else { return nil }
        var serial = Array(certificate.serialNumber.bytes)
        if let first = serial.first, first & 0x80 != 0 { serial.insert(0, at: 0) }
        return Base64URL.encode(key) + "." + Base64URL.encode(serial)
    }
}
