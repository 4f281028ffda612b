import Crypto
import CryptoExtras
package import Domain
import Foundation
import SwiftASN1
import X509

/// The key of a certificate.
package struct CertificateKey: Sendable {
    /// What keys there are, by their names in the settings.
    package enum Kind: String, CaseIterable, Sendable {
        case p256
        case rsa2048
        case rsa3072
        case rsa4096

        fileprivate var bits: Int {
            switch self {
            case .p256: 256
            case .rsa2048: 2048
            case .rsa3072: 3072
            case .rsa4096: 4096
            }
        }
    }

    private enum Storage: Sendable {
        case elliptic(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    private let storage: Storage

    /// A new one. Throws Crypto's error.
    package static func make(_ kind: Kind) throws -> CertificateKey {
        switch kind {
        case .p256: CertificateKey(storage: .elliptic(P256.Signing.PrivateKey()))
        case .rsa2048, .rsa3072, .rsa4096:
            CertificateKey(storage: .rsa(try _RSA.Signing.PrivateKey(keySize: .init(bitCount: kind.bits))))
        }
    }

    private init(storage: Storage) { self.storage = storage }

    /// Reads PEM: PKCS#8, PKCS#1 or SEC1. Throws `ACMEError` when it holds neither a P-256 nor an RSA key.
    package init(pem: Secret) throws(ACMEError) {
        let text = pem.reveal()
        // One that is not elliptic may still be RSA.
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: text) {
            storage = .elliptic(key)
        } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text) {
            storage = .rsa(key)
        } else {
            throw ACMEError.unusable("the certificate's key is neither a P-256 nor an RSA key in PEM")
        }
    }

    /// PEM, PKCS#8.
    package var pem: Secret {
        switch storage {
        case .elliptic(let key): Secret(key.pemRepresentation)
        case .rsa(let key): Secret(key.pkcs8PEMRepresentation)
        }
    }

    /// The public key: DER, SubjectPublicKeyInfo (RFC 5280 §4.1).
    package var publicKeyDER: [UInt8] {
        switch storage {
        case .elliptic(let key): Array(key.publicKey.derRepresentation)
        case .rsa(let key): Array(key.publicKey.derRepresentation)
        }
    }

    /// A request for a certificate for these names: DER, PKCS#10 (RFC 2986). The first is the subject's name where it
    /// has the 64 characters that may stand there at most (RFC 5280, ub-common-name). Throws the library's error.
    package func request(for names: [String]) throws -> [UInt8] {
        let alternative = SubjectAlternativeNames(names.map { .dnsName($0) })
        let extensions = try Certificate.Extensions { alternative }
        let subject = try DistinguishedName {
            if let first = names.first, first.count <= 64 { CommonName(first) }
        }
        let request = try CertificateSigningRequest(
            version: .v1, subject: subject, privateKey: privateKey,
            attributes: try CertificateSigningRequest.Attributes([.init(ExtensionRequest(extensions: extensions))]),
            signatureAlgorithm: signatureAlgorithm)
        var serializer = DER.Serializer()
        try serializer.serialize(request)
        return serializer.serializedBytes
    }

    private var privateKey: Certificate.PrivateKey {
        switch storage {
        case .elliptic(let key): Certificate.PrivateKey(key)
        case .rsa(let key): Certificate.PrivateKey(key)
        }
    }

    private var signatureAlgorithm: Certificate.SignatureAlgorithm {
        switch storage {
        case .elliptic: .ecdsaWithSHA256
        case .rsa: .sha256WithRSAEncryption
        }
    }

    /// As certificates hold it.
    var publicKey: Certificate.PublicKey { privateKey.publicKey }
}
