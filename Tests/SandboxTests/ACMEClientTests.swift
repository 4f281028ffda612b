import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// Other people's clients against the stand-in: Debian's `lego`, and the library of Certbot (`acme_client_test.py`).
@Suite struct ACMEClientTests {
    private static let hasLibrary: Bool = {
        let packages = "\(Project.root)/.venv/lib"
        // Without the folder there is no library.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: packages)) ?? []
        return versions.contains { FileManager.default.fileExists(atPath: "\(packages)/\($0)/site-packages/acme") }
    }()

    /// Whether `openssl` finds that a chain leads to the root of the stand-in.
    private static func verify(_ chain: String, root: String, _ folder: TemporaryFolder) async throws -> String {
        let anchor = try folder.write(root, to: "root-\(UUID().uuidString).pem")
        let openssl = try #require(Project.program("openssl"))
        let answer = try await RunningProgram.run(
            openssl,
            [
                "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", anchor, "-untrusted", chain, chain,
            ])
        return answer.code == 0 ? "OK" : answer.text.replacing("\n", with: " ")
    }

    @Test(.enabled(if: Project.program("lego") != nil || Project.isCI))
    func legoGetsACertificateAndRevokesIt() async throws {
        let port = try FreePort.take()
        let authority = try ACMEStandIn(.init(web: { _ in ListenAddress(host: "127.0.0.1", port: port) }))
        try await running([{ try await authority.run() }]) {
            let folder = try TemporaryFolder()
            let lego = try #require(Project.program("lego"))
            let options = [
                "--accept-tos", "--path", folder.path("lego"), "--server", try await authority.url(), "--email",
                "admin@example.com", "--domains", "analytics.example.com", "--http", "--http.port", "127.0.0.1:\(port)",
            ]
            let got = try await RunningProgram.run(lego, options + ["run"])
            #expect(got.code == 0, "\(got.text)\n\(authority.received)")
            let chain = folder.path("lego/certificates/analytics.example.com.crt")
            let verdict = try await ACMEClientTests.verify(chain, root: authority.root, folder)
            #expect(verdict == "OK")
            #expect(authority.issued.map(\.names) == [["analytics.example.com"]])
            #expect(authority.contacts.values.map { $0 } == [["mailto:admin@example.com"]])
            let revoked = try await RunningProgram.run(lego, options + ["revoke"])
            #expect(revoked.code == 0, "\(revoked.text)")
            #expect(authority.issued.map(\.revokedFor) == [0])
        }
    }

    @Test(.enabled(if: hasLibrary || Project.isCI))
    func theLibraryOfCertbotDoesAsItDoesAtOtherAuthorities() async throws {
        let port = try FreePort.take()
        let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
        var configuration = ACMEStandIn.Configuration(web: { _ in ListenAddress(host: "127.0.0.1", port: port) })
        configuration.externalAccounts = ["kid-1": Secret(key)]
        let authority = try ACMEStandIn(configuration)
        try await running([{ try await authority.run() }]) {
            let folder = try TemporaryFolder()
            let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "acme_client_test.py")
            let client = try await RunningProgram(
                "\(Project.root)/.venv/bin/python",
                [script.path, try await authority.url(), String(port), "kid-1", folder.url.path],
                environment: ["ACME_EAB_KEY": key], in: folder)
            let code = await client.ended(within: .seconds(120))
            #expect(code == 0, "\(client.text)\n\(authority.received.suffix(3))")
            let (chain, other) = (folder.path("chain.pem"), folder.path("other.pem"))
            let verdict = try await ACMEClientTests.verify(chain, root: authority.root, folder)
            #expect(verdict == "OK")
            let otherVerdict = try await ACMEClientTests.verify(other, root: authority.otherRoot, folder)
            #expect(otherVerdict == "OK")
            let wrong = try await ACMEClientTests.verify(other, root: authority.root, folder)
            #expect(wrong != "OK")
            #expect(authority.issued.map(\.revokedFor) == [4, 1])
            #expect(authority.issued.map(\.profile) == [.shortlived, .classic])
        }
    }
}
