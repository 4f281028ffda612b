import Domain
import Foundation
import TestSupport
import Testing

@testable import ACME

@Suite struct KeyTests {
    /// Of RFC 7515 appendix A.3, whose thumbprint is known.
    private static let known = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49
        AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b
        focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
        -----END EC PRIVATE KEY-----
        """

    @Test func anAccountKeyComesBackFromItsPEM() throws {
        let key = ACMEKey.make()
        #expect(try ACMEKey(pem: key.pem).thumbprint == key.thumbprint)
        #expect(key.pem.reveal().hasPrefix("-----BEGIN PRIVATE KEY-----"))
    }

    @Test func theThumbprintAndTheAnswersAreThoseOfTheStandard() throws {
        let key = try ACMEKey(pem: Secret(KeyTests.known))
        let token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
        #expect(key.thumbprint == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
        #expect(key.keyAuthorization(token) == "\(token).oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
        #expect(key.dnsValue(token) == "ZaJgFtIV4WA0t2MzN7kbSk0sfRd2GZjaxRqaSTAK6lI")
    }

    @Test func aBindingToAnOutsideAccountIsThatOfTheVector() throws {
        let key = try ACMEKey(pem: Secret(KeyTests.known))
        let outside = ExternalAccount(
            keyID: "kid-1", key: Secret("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"))
        let bound = try SignedMessage.binding(key, to: outside, url: "https://example.com/acme/new-account")
        #expect(bound["payload"]?.stringValue == Base64URL.encode(key.jwk.canonicalBytes))
        #expect(bound["signature"]?.stringValue == "GZqEucEBczfV8tJQLfKNSw1kZrQxhK205o1r00CLMD8")
    }

    @Test func anOutsideKeyThatIsNotBase64urlIsNamedAndNotShown() {
        let outside = ExternalAccount(keyID: "kid-1", key: Secret("not a key!"))
        let error = #expect(throws: ACMEError.self) {
            try SignedMessage.binding(.make(), to: outside, url: "https://example.com/")
        }
        #expect(error?.hint?.contains("acme.external_account.key") == true)
        #expect(error?.message.contains("not a key!") == false)
    }

    @Test func whatIsNoKeyIsRefusedWithoutShowingIt() {
        let error = #expect(throws: ACMEError.self) { try ACMEKey(pem: Secret("hidden")) }
        let other = #expect(throws: ACMEError.self) { try CertificateKey(pem: Secret("hidden")) }
        #expect(error?.message.contains("hidden") == false)
        #expect(other?.message.contains("hidden") == false)
    }

    @Test(arguments: CertificateKey.Kind.allCases)
    func aRequestIsGoodForOpenSSLAndNamesAllNames(_ kind: CertificateKey.Kind) async throws {
        let key = try CertificateKey.make(kind)
        let folder = try TemporaryFolder()
        let file = folder.path("request.der")
        try Data(try key.request(for: ["example.org", "*.example.org"])).write(to: URL(filePath: file))
        let said = try await RunningProgram.run(
            "/usr/bin/openssl", ["req", "-inform", "DER", "-in", file, "-verify", "-noout", "-text"])
        #expect(said.code == 0, "\(said.text)")
        #expect(said.text.contains("verify OK"))
        #expect(said.text.contains("DNS:example.org, DNS:*.example.org"))
        #expect(said.text.contains("CN = example.org"))
        #expect(try CertificateKey(pem: key.pem).publicKeyDER == key.publicKeyDER)
        #expect(key.pem.reveal().hasPrefix("-----BEGIN PRIVATE KEY-----"))
    }

    @Test(arguments: [(64, true), (65, false)])
    func theSubjectHasANameOfSixtyFourCharactersAtMost(_ length: Int, _ isThere: Bool) async throws {
        let name = String(repeating: "a", count: 50) + "." + String(repeating: "b", count: length - 51)
        let folder = try TemporaryFolder()
        let file = folder.path("request.der")
        try Data(try CertificateKey.make(.p256).request(for: [name])).write(to: URL(filePath: file))
        let said = try await RunningProgram.run(
            "/usr/bin/openssl", ["req", "-inform", "DER", "-in", file, "-noout", "-subject"])
        #expect(said.text.contains(name) == isThere)
    }
}
