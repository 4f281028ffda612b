import Domain
import Foundation
import TestSupport
import Testing

@testable import Outbound

@Suite struct CertificatePairTests {
    private static let pair = Result { try TestCertificate.make("bot.example.org") }

    private func bundle(_ chain: String, _ key: String) throws -> CertificateBundle {
        try CertificatePair.bundle(name: "bot", chain: Array(chain.utf8), key: Array(key.utf8))
    }

    @Test func `a pair is read with what its certificate says`() throws {
        let pair = try Self.pair.get()
        let bundle = try bundle(pair.chain, pair.key)
        #expect(bundle.name == "bot")
        #expect(bundle.chain == pair.chain)
        #expect(bundle.key == Secret(pair.key))
        #expect(bundle.names == ["bot.example.org"])
        #expect(bundle.notAfter == Date(timeIntervalSince1970: 4_000_000_000))
        #expect(!bundle.serialNumber.isEmpty)
    }

    @Test(arguments: ["rsa:2048", "ec"]) func `keys are those of openssl, in its own forms too`(_ kind: String)
        async throws
    {
        let folder = try TemporaryFolder()
        let openssl = try #require(Project.program("openssl"))
        let kinds = kind == "ec" ? ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] : [kind]
        let made = try await RunningProgram.run(
            openssl,
            ["req", "-x509", "-nodes", "-subj", "/CN=bot", "-days", "1", "-newkey"] + kinds
                + ["-keyout", folder.path("k"), "-out", folder.path("c")])
        #expect(made.code == 0, "\(made.text)")
        let old = try await RunningProgram.run(
            openssl,
            [kind == "ec" ? "ec" : "rsa", "-in", folder.path("k"), "-out", folder.path("old")]
                + (kind == "ec" ? [] : ["-traditional"]))
        #expect(old.code == 0, "\(old.text)")
        let chain = try String(contentsOfFile: folder.path("c"), encoding: .utf8)
        for name in ["k", "old"] {
            #expect(try bundle(chain, try String(contentsOfFile: folder.path(name), encoding: .utf8)).chain == chain)
        }
    }

    @Test func `what cannot be used is told, and no key is in the words`() throws {
        let (pair, other) = (try Self.pair.get(), try TestCertificate.make("other"))
        let cut = String(pair.key.dropLast(60)) + "\n-----END PRIVATE KEY-----\n"
        for (chain, key, words) in [
            (pair.chain, other.key, "the key is not that of the certificate"),
            (pair.chain, cut, "the key cannot be read"), (pair.chain, "", "the key cannot be read"),
            ("", pair.key, "certificate"), (pair.key, pair.key, "the certificate cannot be read"),
        ] {
            let error = #expect(throws: CertificatePair.Unusable.self) { try bundle(chain, key) }
            #expect(error?.message.contains(words) == true, "\(String(describing: error))")
            #expect(error?.message.contains(pair.key.split(separator: "\n")[1]) == false)
        }
    }

    @Test(arguments: [(10, true), (11, false)]) func `a chain has ten certificates at most`(
        _ count: Int, _ isRead: Bool
    ) throws {
        let pair = try Self.pair.get()
        let chain = String(repeating: pair.chain + "\n", count: count)
        if isRead {
            _ = try bundle(chain, pair.key)
        } else {
            #expect(throws: CertificatePair.Unusable.self) { try bundle(chain, pair.key) }
        }
    }

    @Test(arguments: [(0, true), (1, false)]) func `a chain has 64 KiB at most`(_ more: Int, _ isRead: Bool) throws {
        let pair = try Self.pair.get()
        let padding = String(repeating: "\n", count: CertificateBundle.largestChain - pair.chain.utf8.count + more)
        if isRead {
            _ = try bundle(pair.chain + padding, pair.key)
        } else {
            #expect(throws: CertificatePair.Unusable.self) { try bundle(pair.chain + padding, pair.key) }
        }
    }
}
