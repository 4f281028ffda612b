import Domain
import Foundation
import TestSupport
import Testing

@testable import Outbound

@Suite struct FileCertificateTests {
    private func destination(_ folder: TemporaryFolder, key: String = "tls/deep/key.pem") throws
        -> any CertificateDestination
    {
        var reader = InputReader.reading(LocatedValue(["certificate": "tls/cert.pem", "key": .string(key)]))
        let made = FileCertificates.destination(base: folder.url.path).make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return made
    }

    private func context() -> ActionContext {
        ActionContext(jobID: 1, idempotencyKey: "key", attempt: 1, time: SystemTime()) { _ in }
    }

    private func bundle(_ words: String) -> CertificateBundle {
        CertificateBundle(
            name: "api", chain: "chain \(words)\n", key: Secret("key \(words)\n"), serialNumber: "0a1b2c3d4e5f",
            notAfter: Date(timeIntervalSince1970: 1_800_000_000), names: ["api.example.org"])
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `both files are for the bot alone, in folders that are made`() async throws {
        let folder = try TemporaryFolder()
        let place = try destination(folder)
        #expect(place.title == "file \(folder.path("tls/cert.pem"))")
        let nothing = try await place.present(of: "api", context())
        #expect(nothing == nil)
        try await place.install(bundle("one"), context())
        let one = try await place.present(of: "api", context())
        #expect(one == "chain one\n")
        #expect(try String(contentsOfFile: folder.path("tls/deep/key.pem"), encoding: .utf8) == "key one\n")
        for path in ["tls/cert.pem", "tls/deep/key.pem"] { #expect(try mode(folder.path(path)) == 0o600) }
        for path in ["tls", "tls/deep"] { #expect(try mode(folder.path(path)) == 0o700) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("tls")).sorted() == ["cert.pem", "deep"])
    }

    @Test func `the same again leaves the files alone, and mends what a crash or another has left`() async throws {
        let folder = try TemporaryFolder()
        let place = try destination(folder)
        try await place.install(bundle("one"), context())
        func number() throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: folder.path("tls/cert.pem"))[.systemFileNumber] as? Int
        }
        let first = try number()
        try await place.install(bundle("one"), context())
        #expect(try number() == first)
        // As after a crash between the two, and with a mode that lets others read.
        try folder.write("key two\n", to: "tls/deep/key.pem")
        chmod(folder.path("tls/cert.pem"), 0o644)
        try await place.install(bundle("two"), context())
        let two = try await place.present(of: "api", context())
        #expect(two == "chain two\n")
        #expect(try mode(folder.path("tls/cert.pem")) == 0o600)
    }

    @Test func `when the key cannot be written the old certificate stays, and the key is in no error`() async throws {
        let folder = try TemporaryFolder()
        let place = try destination(folder)
        try await place.install(bundle("one"), context())
        try FileManager.default.removeItem(atPath: folder.path("tls/deep/key.pem"))
        try FileManager.default.createDirectory(
            atPath: folder.path("tls/deep/key.pem"), withIntermediateDirectories: true)
        do throws(ActionError) {
            try await place.install(bundle("two"), context())
            Issue.record("it was written")
        } catch {
            #expect(error.message == "\(folder.path("tls/deep/key.pem")) cannot be put into its place: is a directory")
            #expect(!"\(error)".contains("key two"))
        }
        let still = try await place.present(of: "api", context())
        #expect(still == "chain one\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("tls/deep")) == ["key.pem"])
    }

    @Test func `a file of 64 KiB is read, and a longer one is refused`() async throws {
        let folder = try TemporaryFolder()
        let place = try destination(folder)
        let most = CertificateBundle.largestChain
        try folder.write(String(repeating: "x", count: most), to: "tls/cert.pem")
        let whole = try await place.present(of: "api", context())
        #expect(whole?.utf8.count == most)
        try folder.write(String(repeating: "x", count: most + 1), to: "tls/cert.pem")
        do throws(ActionError) {
            _ = try await place.present(of: "api", context())
            Issue.record("it was read")
        } catch {
            #expect(error.message.hasSuffix("cert.pem has more than 65536 bytes, so it is no certificate"))
        }
    }

    @Test func `certificate and key are not the same file, however it is written`() throws {
        let folder = try TemporaryFolder()
        let problem = #expect(throws: Problem.self) { try destination(folder, key: "./tls/../tls/cert.pem") }
        #expect(problem?.message == "certificate and key are the same file")
        #expect(FileCertificate.pattern != nil)
    }
}
