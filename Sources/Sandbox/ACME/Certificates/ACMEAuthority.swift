import Crypto
import Domain
import Foundation
import SwiftASN1
import X509

/// Two roots, an authority that both have signed, and what that one signs (RFC 5280).
struct ACMEAuthority: Sendable {
    /// Each in PEM: what the usual chain leads to, and what the other one leads to.
    let root: String
    let otherRoot: String
    private let key: P256.Signing.PrivateKey
    private let name: DistinguishedName
    private let chain: String
    private let otherChain: String
    private let keyIdentifier: [UInt8]

    init(now: Date) throws {
        key = P256.Signing.PrivateKey()
        name = try ACMEAuthority.named("Sandbox Intermediate E1")
        let publicKey = Certificate.PublicKey(key.publicKey)
        keyIdentifier = Array(SubjectKeyIdentifier(hash: publicKey).keyIdentifier)
        let first = try ACMEAuthority.root("Sandbox Root X1", now)
        let second = try ACMEAuthority.root("Sandbox Root X2", now)
        root = first.pem
        otherRoot = second.pem
        chain = try ACMEAuthority.sign(publicKey, name, by: first, now, path: 0).serializeAsPEM().pemString
        otherChain = try ACMEAuthority.sign(publicKey, name, by: second, now, path: 0).serializeAsPEM().pemString
    }

    private struct Root {
        let name: DistinguishedName
        let key: P256.Signing.PrivateKey
        var pem = ""
    }

    private static func named(_ name: String) throws -> DistinguishedName {
        try DistinguishedName {
            OrganizationName("Sandbox Certificates")
            CommonName(name)
        }
    }

    private static func root(_ name: String, _ now: Date) throws -> Root {
        var root = Root(name: try named(name), key: P256.Signing.PrivateKey())
        let publicKey = Certificate.PublicKey(root.key.publicKey)
        root.pem = try sign(publicKey, root.name, by: root, now, path: nil).serializeAsPEM().pemString
        return root
    }

    /// An authority's certificate, for thirty years.
    private static func sign(
        _ key: Certificate.PublicKey, _ name: DistinguishedName, by root: Root, _ now: Date, path: Int?
    ) throws -> Certificate {
        let issuer = Certificate.PublicKey(root.key.publicKey)
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key,
            notValidBefore: now.addingTimeInterval(-86_400), notValidAfter: now.addingTimeInterval(30 * 365 * 86_400),
            issuer: root.name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: path))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key)
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: issuer).keyIdentifier)
            }, issuerPrivateKey: Certificate.PrivateKey(root.key))
    }

    /// Signs what was asked for. `id` is what its address ends with.
    func issue(
        _ request: ACMECertificateRequest, _ id: String, account: String, profile: ACMEProfile, names: [String],
        now: Date
    ) throws -> ACMEIssue {
        // One hour back, since clocks differ; in whole seconds, as certificates have it.
        let from = Date(timeIntervalSince1970: (now.timeIntervalSince1970 - 3600).rounded(.down))
        let until = from.addingTimeInterval(Double(profile.days) * 86_400 - 1)
        let serial = Certificate.SerialNumber(bytes: [4] + (0..<15).map { _ in UInt8.random(in: 0...255) })
        // Where nothing else names it, they count (RFC 5280 §4.2.1.6).
        let alternatives = try Certificate.Extension(
            SubjectAlternativeNames(names.map { .dnsName($0) }), critical: request.commonName == nil)
        let leaf = try Certificate(
            version: .v3, serialNumber: serial, publicKey: request.publicKey, notValidBefore: from,
            notValidAfter: until, issuer: name,
            subject: try request.commonName.map { name in try DistinguishedName { CommonName(name) } }
                ?? DistinguishedName(),
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectKeyIdentifier(hash: request.publicKey)
                AuthorityKeyIdentifier(keyIdentifier: keyIdentifier[...])
                alternatives
            }, issuerPrivateKey: Certificate.PrivateKey(key))
        let pem = try leaf.serializeAsPEM()
        return ACMEIssue(
            id: id, account: account, serialNumber: Hex.encode(serial.bytes), names: names, profile: profile,
            notBefore: from, notAfter: until, chain: "\(pem.pemString)\n\(chain)\n",
            otherChain: "\(pem.pemString)\n\(otherChain)\n", leafDER: pem.derBytes,
            certID: "\(Base64URL.encode(keyIdentifier)).\(Base64URL.encode(serial.bytes))")
    }
}
