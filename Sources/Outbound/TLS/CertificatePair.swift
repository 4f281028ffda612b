package import Domain
import Foundation
import SwiftASN1
import X509

/// A certificate with its chain and its key, as people keep them in files.
package enum CertificatePair {
    /// Certificates of a chain.
    package static let longestChain = 10

    /// Why it cannot be used.
    package struct Unusable: Error, Sendable, Hashable, CustomStringConvertible {
        package var message: String
        package var description: String { message }
    }

    /// Reads PEM (RFC 7468): the certificate itself first, and a key of PKCS#8, SEC1 or PKCS#1. Throws `Unusable`, also
    /// when the two do not belong to each other.
    package static func bundle(name: String, chain: [UInt8], key: [UInt8]) throws(Unusable) -> CertificateBundle {
        guard chain.count <= CertificateBundle.largestChain else {
            throw Unusable(message: "the chain is larger than \(CertificateBundle.largestChain) bytes")
        }
        let (text, keyText) = (String(decoding: chain, as: UTF8.self), String(decoding: key, as: UTF8.self))
        let certificates: [Certificate]
        do {
            certificates = try PEMDocument.parseMultiple(pemString: text).map { try Certificate(pemDocument: $0) }
        } catch {
            throw Unusable(message: "the certificate cannot be read: \(error)")
        }
        guard let first = certificates.first else { throw Unusable(message: "there is no certificate in it") }
        guard certificates.count <= longestChain else {
            throw Unusable(message: "the chain has more than \(longestChain) certificates")
        }
        let privateKey: Certificate.PrivateKey
        let shown: PeerCertificate
        do {
            privateKey = try Certificate.PrivateKey(pemEncoded: keyText)
        } catch {
            // What the library says may hold a part of the key.
            throw Unusable(message: "the key cannot be read: it must be PEM, without a passphrase")
        }
        do {
            var serializer = DER.Serializer()
            try first.serialize(into: &serializer)
            shown = try PeerCertificate(der: serializer.serializedBytes)
        } catch {
            throw Unusable(message: "the certificate cannot be read: \(error)")
        }
        guard privateKey.publicKey == first.publicKey else {
            throw Unusable(message: "the key is not that of the certificate \(shown.serialNumber)")
        }
        return CertificateBundle(
            name: name, chain: text, key: Secret(keyText), serialNumber: shown.serialNumber, notAfter: shown.notAfter,
            names: shown.names)
    }
}
