import Domain
import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import YAML

@testable import App

@Suite struct ListenerTLSTests {
    private func sections(_ text: String) throws -> [String: LocatedValue] {
        let document = try #require(try YAMLReader.documents(text, file: "f").first)
        var sections: [String: LocatedValue] = [:]
        for member in document.members ?? [] { sections[member.name] = member.value }
        return sections
    }

    @Test(
        arguments: [
            ("tls: {certificate_file: c.pem, key_file: k.pem}", []),
            ("tls: {certificate: bot}\ncertificates: {bot: {names: [a.example.org]}}", []),
            ("tls: {certificate: bot}", ["there is no certificate 'bot'"]),
            ("tls: {certificate: bot}\ncertificates: {other: {}}", ["there is no certificate 'bot'"]),
            ("tls: {}", ["the certificate is one of 'certificates', or in files"]),
            ("tls: {key_file: k.pem}", ["the certificate is one of 'certificates', or in files"]),
            (
                "tls: {certificate: bot, certificate_file: c.pem, key_file: k.pem}\ncertificates: {bot: {}}",
                ["the certificate is one of 'certificates', or in files"]
            ),
        ] as [(String, [String])])
    func `the certificate is one of the bot's, or in two files`(text: String, expected: [String]) throws {
        let sections = try sections(text)
        var reader = InputReader.checking(try #require(sections["tls"]), typeOf: { _ in nil })
        ListenerTLSSettings.section.read(&reader)
        reader.finish()
        #expect((reader.problems + ListenerTLSSettings.section.compare(sections)).map(\.message) == expected)
    }

    /// Two files, and what came of them.
    private final class Pair: Sendable {
        let folder: TemporaryFolder
        let served = ServedCertificate()
        let files: CertificateFiles

        init(_ name: String) throws {
            folder = try TemporaryFolder()
            files = CertificateFiles(
                chain: folder.path("c.pem"), key: folder.path("k.pem"), served: served, onSecret: { _ in })
            try write(name)
        }

        func write(_ name: String, key: String? = nil) throws {
            let made = try TestCertificate.make(name)
            try folder.write(made.chain, to: "c.pem")
            try folder.write(key ?? made.key, to: "k.pem")
        }
    }

    @Test func `files are served when they are new, and told once`() throws {
        let pair = try Pair("a.example.org")
        #expect(pair.files.readAgain().rotated == ["tls"])
        #expect(pair.served.bundle?.names == ["a.example.org"])
        #expect(pair.files.readAgain() == SecretRereading())
        try pair.write("b.example.org")
        #expect(pair.files.readAgain().rotated == ["tls"])
        #expect(pair.served.bundle?.names == ["b.example.org"])
    }

    @Test func `a pair that does not fit keeps the old one, and says so`() throws {
        let pair = try Pair("a.example.org")
        _ = pair.files.readAgain()
        try pair.write("b.example.org", key: try TestCertificate.make("c").key)
        let found = pair.files.readAgain()
        #expect(found.rotated == [])
        let reason = try #require(found.failures.first?.reason)
        #expect(reason.contains("the key is not that of the certificate"))
        #expect(reason.contains(pair.folder.path("c.pem")))
        #expect(pair.files.complaint == reason)
        #expect(pair.served.bundle?.names == ["a.example.org"])
        try pair.write("b.example.org")
        _ = pair.files.readAgain()
        #expect(pair.files.complaint == nil)
        #expect(pair.served.bundle?.names == ["b.example.org"])
    }

    @Test func `files are looked at every minute`() async throws {
        let (pair, time) = (try Pair("a.example.org"), VirtualTime())
        _ = pair.files.readAgain()
        let service = CertificateFilesService(
            files: pair.files, time: time, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let run = Task { try await service.run() }
        await time.untilSleeping(1)
        try pair.write("b.example.org")
        time.advance(by: .seconds(59))
        #expect(pair.served.bundle?.names == ["a.example.org"])
        time.advance(by: .seconds(1))
        await time.untilSleeping(1)
        #expect(pair.served.bundle?.names == ["b.example.org"])
        run.cancel()
        try await run.value
    }

    @Test func `their end is known to who watches ends`() async throws {
        let pair = try Pair("a.example.org")
        let none = await pair.files.expiries()
        #expect(none.isEmpty)
        _ = pair.files.readAgain()
        let found = await pair.files.expiries()
        #expect(found.map(\.endsAt) == [Date(timeIntervalSince1970: 4_000_000_000)])
    }

    @Test func `without files the bot does not start`() throws {
        let folder = try TemporaryFolder()
        var settings = Settings(
            listen: ListenAddress(host: "127.0.0.1", port: 0), adminListen: nil, ledgerPath: "l", socketPath: "s",
            limits: Limits(), audit: AuditSettings(ledger: "l"), sections: [:])
        let without = try ListenerTLS(settings, folder: folder.path(""), onSecret: { _ in })
        #expect(without == nil)
        settings.sections = try sections("tls: {certificate_file: c.pem, key_file: k.pem}")
        let error = #expect(throws: Complaint.self) {
            try ListenerTLS(settings, folder: folder.path("x"), onSecret: { _ in })
        }
        #expect("\(String(describing: error))".contains("x/c.pem does not exist"))
        settings.sections = try sections("tls: {certificate: bot}")
        let fetched = try #require(try ListenerTLS(settings, folder: "/", onSecret: { _ in }))
        #expect(fetched.files == nil)
        #expect(fetched.served.bundle == nil)
    }

    @Test func `the listener is a place where a certificate is used`() async throws {
        let pair = try Pair("a.example.org")
        _ = pair.files.readAgain()
        let bundle = try #require(pair.served.bundle)
        let place = ListenerDestination(served: ServedCertificate())
        let context = ActionContext(
            jobID: 1, idempotencyKey: "k", attempt: 1, time: VirtualTime(), progress: { _ in })
        let before = try await place.present(of: "bot", context)
        #expect(before == nil)
        for _ in 1...2 { try await place.install(bundle, context) }
        try await place.forgetOthers(than: bundle, context)
        let present = try await place.present(of: "bot", context)
        #expect(present == bundle.chain)
    }
}
