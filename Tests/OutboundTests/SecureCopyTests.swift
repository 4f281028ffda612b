import Foundation
import Outbound
import TestSupport
import Testing

/// Against Debian's OpenSSH server.
@Suite(.enabled(if: SSHServer.isThere)) struct SecureCopyTests {
    private func complaint(of server: SSHServer, _ change: (inout SecureCopyTarget) -> Void) async throws -> String {
        var target = server.target
        change(&target)
        let file = try server.folder.write("contents", to: "file")
        do throws(SecureCopyError) {
            try await SecureCopy(target).upload(file, within: .seconds(30))
            return "it was uploaded"
        } catch {
            return error.description
        }
    }

    @Test func `A file is there under its name, whole and for its owner alone, and can be listed and removed`()
        async throws
    {
        let server = try await SSHServer.start()
        let copy = SecureCopy(server.target)
        let contents = String((0..<300_000).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
        for name in ["first.sqlite", "second.sqlite"] {
            let file = try server.folder.write(contents, to: name)
            chmod(file, 0o600)
            try await copy.upload(file, within: .seconds(30))
        }
        // The same name again takes the place of the old one.
        try await copy.upload(server.folder.path("first.sqlite"), within: .seconds(30))
        let there = server.folder.path("backups")
        #expect(try String(contentsOfFile: there + "/first.sqlite", encoding: .utf8) == contents)
        let mode = try FileManager.default.attributesOfItem(atPath: there + "/first.sqlite")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let names = try await copy.names(within: .seconds(30))
        #expect(names.sorted() == ["first.sqlite", "second.sqlite"])
        try await copy.remove(["first.sqlite"], within: .seconds(30))
        #expect(try FileManager.default.contentsOfDirectory(atPath: there) == ["second.sqlite"])
        await server.stop()
    }

    @Test func `A host whose key is not known is refused, and so is one that shows another`() async throws {
        let server = try await SSHServer.start()
        let empty = try server.folder.write("", to: "nobody")
        let unknown = try await complaint(of: server) { $0.knownHostsFile = empty }
        #expect(unknown.contains("the host's key is not in \(empty)"))
        let other = try String(contentsOfFile: server.folder.path("stranger.pub"), encoding: .utf8)
        let wrong = try server.folder.write("[127.0.0.1]:\(server.target.port) \(other)", to: "wrong")
        let changed = try await complaint(of: server) { $0.knownHostsFile = wrong }
        #expect(changed.contains("another key than the one in \(wrong)"))
        #expect(!FileManager.default.fileExists(atPath: server.folder.path("backups")))
        await server.stop()
    }

    @Test func `A key that the host does not know is refused in words that say what to do`() async throws {
        let server = try await SSHServer.start()
        let failure = try await complaint(of: server) { $0.keyFile = server.folder.path("stranger") }
        #expect(failure.contains("does not let \(NSUserName()) in with the key \(server.folder.path("stranger"))"))
        chmod(server.folder.path("user"), 0o644)
        let open = try await complaint(of: server) { _ in }
        #expect(open.contains("chmod 600"))
        await server.stop()
    }

    @Test func `A host that is not there, and a folder that cannot be made, are told`() async throws {
        let server = try await SSHServer.start()
        let folder = try await complaint(of: server) { $0.folder = "/proc/nowhere/deep" }
        #expect(folder.contains("/proc/nowhere/deep"))
        await server.stop()
        let gone = try await complaint(of: server) { _ in }
        #expect(gone.contains("Connection refused"))
    }

    @Test(arguments: ["-oProxyCommand=touch", "a b", "a\"b", "", "a;b", "$(id)"])
    func `Nothing that could be an option or a quote reaches the program`(text: String) async throws {
        let target = SecureCopyTarget(
            host: text, port: 22, user: "u", folder: "f", keyFile: "/k", knownHostsFile: "/h")
        let error = await #expect(throws: SecureCopyError.self) {
            try await SecureCopy(target).names(within: .seconds(1))
        }
        #expect(error?.reason.contains("'host' holds signs that it may not") == true)
    }
}
