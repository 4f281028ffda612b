import Domain
import Foundation
import SSH
import TestSupport
import Testing

@Suite(.enabled(if: SSHServer.isThere)) struct HostCertificateTests {
    private let kept = MemoryKeptValues()

    private func destination(_ scene: HostScene, _ hosts: (any HostAccess)? = nil, _ more: [String: JSONValue] = [:])
        throws -> any CertificateDestination
    {
        let folder = scene.server.folder
        let inputs: [String: JSONValue] = [
            "host": "web", "certificate": .string(folder.path("cert.pem")), "key": .string(folder.path("key.pem")),
            "reload": ["sh", "-c", .string("echo told >>'\(folder.path("told"))'")],
        ]
        var reader = InputReader.reading(LocatedValue(JSONValue.object(inputs.merging(more) { $1 })))
        let made = SSHCertificates.destination(hosts ?? scene.hosts).make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return made
    }

    private func context() -> ActionContext {
        ActionContext(jobID: 1, idempotencyKey: "key", attempt: 1, time: SystemTime(), kept: kept) { _ in }
    }

    private func bundle(_ words: String) -> CertificateBundle {
        CertificateBundle(
            name: "api", chain: "chain \(words)\n", key: Secret("key \(words)\n"), serialNumber: "0a1b2c3d4e5f",
            notAfter: Date(timeIntervalSince1970: 1_800_000_000), names: ["api.example.org"])
    }

    private func text(_ scene: HostScene, _ name: String) -> String? {
        try? String(contentsOfFile: scene.server.folder.path(name), encoding: .utf8)
    }

    @Test func `Both files are written, their reader is told once, and the same again changes nothing`() async throws {
        let scene = try await HostScene.start()
        let place = try destination(scene)
        let nothing = try await place.present(of: "api", context())
        #expect(nothing == nil)
        try await place.install(bundle("one"), context())
        try await place.install(bundle("one"), context())
        let one = try await place.present(of: "api", context())
        #expect(one == "chain one\n")
        #expect(text(scene, "key.pem") == "key one\n")
        #expect(text(scene, "told") == "told\n")
        #expect(kept.keys == [])
        for name in ["cert.pem", "key.pem"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: scene.server.folder.path(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        try await place.install(bundle("two"), context())
        let two = try await place.present(of: "api", context())
        #expect(two == "chain two\n")
        #expect(text(scene, "told") == "told\ntold\n")
        await scene.end()
    }

    @Test(arguments: [0, 1, 2])
    func `After a crash the same again writes what is missing and tells the reader`(calls: Int) async throws {
        let scene = try await HostScene.start()
        try await destination(scene).install(bundle("one"), context())
        // Two looks come first, then the key, the certificate and the command.
        let cut = CutOff(hosts: scene.hosts, after: 2 + calls)
        let cutting = try destination(scene, cut)
        do throws(ActionError) {
            try await cutting.install(bundle("two"), context())
            Issue.record("it was not cut off")
        } catch {
            #expect(error.message == "host web: cut off")
            #expect(!"\(error)".contains("key two"))
        }
        #expect(text(scene, "key.pem") == (calls > 0 ? "key two\n" : "key one\n"))
        #expect(text(scene, "cert.pem") == (calls > 1 ? "chain two\n" : "chain one\n"))
        #expect(text(scene, "told") == "told\n")
        #expect(kept.keys.count == 1)
        try await destination(scene).install(bundle("two"), context())
        #expect(text(scene, "cert.pem") == "chain two\n")
        #expect(text(scene, "told") == "told\ntold\n")
        #expect(kept.keys == [])
        await scene.end()
    }

    @Test func `A command that fails is told, and run again`() async throws {
        let scene = try await HostScene.start()
        let failing = try destination(scene, nil, ["reload": ["sh", "-c", "echo it is broken >&2; exit 3"]])
        do throws(ActionError) {
            try await failing.install(bundle("one"), context())
            Issue.record("it was not told")
        } catch {
            #expect(error.message == "host web: sh ended with exit code 3: it is broken")
        }
        try await destination(scene).install(bundle("one"), context())
        #expect(text(scene, "told") == "told\n")
        await scene.end()
    }

    @Test func `Without a command nothing is kept`() async throws {
        let scene = try await HostScene.start()
        let place = try destination(scene, nil, ["reload": []])
        let nothing = ActionContext(jobID: 1, idempotencyKey: "key", attempt: 1, time: SystemTime()) { _ in }
        try await place.install(bundle("one"), nothing)
        #expect(text(scene, "cert.pem") == "chain one\n")
        await scene.end()
    }

    @Test func `A file of 64 KiB is read, and a longer one is refused`() async throws {
        let scene = try await HostScene.start()
        let place = try destination(scene)
        let most = CertificateBundle.largestChain
        try scene.server.folder.write(String(repeating: "x", count: most), to: "cert.pem")
        let whole = try await place.present(of: "api", context())
        #expect(whole?.utf8.count == most)
        try scene.server.folder.write(String(repeating: "x", count: most + 1), to: "cert.pem")
        do throws(ActionError) {
            _ = try await place.present(of: "api", context())
            Issue.record("it was read")
        } catch {
            #expect(error.message.hasSuffix("cert.pem cannot be read: it has 65537 bytes, more than 65536"))
        }
        await scene.end()
    }

    @Test func `Certificate and key are not the same file`() async throws {
        let scene = try await HostScene.start()
        let problem = #expect(throws: Problem.self) {
            try destination(scene, nil, ["certificate": "/x/pair.pem", "key": "/x/pair.pem"])
        }
        #expect(problem?.message == "certificate and key are the same file")
        await scene.end()
    }

    /// Lets the first commands through, and loses the connection then.
    private final class CutOff: HostAccess {
        let hosts: SSHHosts
        let after: Int
        let count = CallCount()
        var names: [String] { hosts.names }

        init(hosts: SSHHosts, after: Int) {
            self.hosts = hosts
            self.after = after
        }

        func run(_ command: HostCommand, on host: String, for job: JobID) async throws(HostError) -> HostCommandResult {
            guard await count.next() <= after else { throw HostError(host, .lost, "cut off") }
            return try await hosts.run(command, on: host, for: job)
        }
    }

    private actor CallCount {
        private var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }
}
