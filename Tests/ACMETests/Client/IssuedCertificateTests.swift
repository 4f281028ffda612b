import Crypto
import Domain
import Foundation
import SwiftASN1
import TestSupport
import Testing
import X509

@testable import ACME

@Suite struct IssuedCertificateTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    /// A root and what it signs.
    private struct Authority {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name: DistinguishedName
        let certificate: Certificate

        init(_ commonName: String) throws {
            name = try DistinguishedName { CommonName(commonName) }
            certificate = try Certificate(
                version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: .distantPast2000,
                notValidAfter: .init(timeIntervalSince1970: 4_000_000_000), issuer: name, subject: name,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                }, issuerPrivateKey: key)
        }

        func issue(
            _ names: [String], for subject: CertificateKey, serial: [UInt8] = [0x87, 0x65, 0x43, 0x21],
            from start: Date = now.addingTimeInterval(-3600), until end: Date = now.addingTimeInterval(86_400)
        ) throws -> String {
            let issued = try Certificate(
                version: .v3, serialNumber: .init(bytes: serial), publicKey: subject.publicKey, notValidBefore: start,
                notValidAfter: end, issuer: name, subject: try DistinguishedName { CommonName(names[0]) },
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    SubjectAlternativeNames(names.map { .dnsName($0) })
                    AuthorityKeyIdentifier(keyIdentifier: [1, 2, 3])
                }, issuerPrivateKey: key)
            return try issued.serializeAsPEM().pemString + "\n"
        }

        var pem: String { get throws { try certificate.serializeAsPEM().pemString + "\n" } }
    }

    @Test func whatACertificateSaysIsRead() throws {
        let authority = try Authority("Root X")
        let key = try CertificateKey.make(.p256)
        let chain = try authority.issue(["a.example", "*.a.example"], for: key) + authority.pem
        let issued = try IssuedCertificate(chain: chain)
        #expect(issued.serialNumber == "87654321")
        #expect(issued.names == ["a.example", "*.a.example"])
        #expect(issued.issuer == "CN=Root X")
        #expect(issued.issuerName == "Root X")
        #expect(issued.certID == "AQID.AIdlQyE")
        #expect(issued.chain == chain)
        #expect(issued.complaint(names: ["*.A.example", "a.example"], key: key, at: IssuedCertificateTests.now) == nil)
    }

    @Test func whatIsNotAsAskedForIsComplainedOf() throws {
        let authority = try Authority("Root X")
        let stranger = try Authority("Root X")
        let key = try CertificateKey.make(.p256)
        let now = IssuedCertificateTests.now
        let leaf = try authority.issue(["a.example"], for: key)
        let issued = try IssuedCertificate(chain: leaf)
        #expect(issued.complaint(names: ["a.example", "b.example"], key: key, at: now) == "it is not for b.example")
        #expect(
            try IssuedCertificate(chain: authority.issue(["a.example", "c.example"], for: key))
                .complaint(names: ["a.example"], key: key, at: now)
                == "it is also for c.example, which nobody asked for")
        #expect(try issued.complaint(names: ["a.example"], key: .make(.p256), at: now) == "it is for another key")
        #expect(try issued.complaint(names: ["a.example"], key: .make(.rsa2048), at: now) == "it is for another key")
        #expect(
            try IssuedCertificate(chain: leaf + stranger.pem).complaint(names: ["a.example"], key: key, at: now)
                == "certificate 1 of its chain is not signed by certificate 2")
    }

    @Test(arguments: [(86_399.0, true), (86_400.0, false), (-3900.0, true), (-3901.0, false)])
    func itMustBeGoodAtThatMomentWithFiveMinutesForTheCAsClock(_ offset: Double, _ isGood: Bool) throws {
        let key = try CertificateKey.make(.p256)
        let issued = try IssuedCertificate(chain: try Authority("Root X").issue(["a.example"], for: key))
        let at = IssuedCertificateTests.now.addingTimeInterval(offset)
        #expect((issued.complaint(names: ["a.example"], key: key, at: at) == nil) == isGood)
    }

    @Test(arguments: [(10, true), (11, false)])
    func aChainMayHaveSoManyCertificatesAndNoMore(_ count: Int, _ isRead: Bool) throws {
        let chain = String(repeating: try Authority("Root X").pem, count: count)
        #expect(((try? IssuedCertificate(chain: chain)) != nil) == isRead)
    }

    @Test(arguments: [(CertificateBundle.largestChain, true), (CertificateBundle.largestChain + 1, false)])
    func aChainMayBeSoLongAndNoLonger(_ size: Int, _ isRead: Bool) throws {
        let pem = try Authority("Root X").pem
        let chain = pem + String(repeating: "\n", count: size - pem.utf8.count)
        #expect(((try? IssuedCertificate(chain: chain)) != nil) == isRead)
    }

    @Test(arguments: ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func whatIsNoChainIsRefused(_ text: String) {
        #expect(throws: ACMEError.self) { try IssuedCertificate(chain: text) }
    }
}

extension Date {
    fileprivate static let distantPast2000 = Date(timeIntervalSince1970: 946_684_800)
}
