import Foundation
import Outbound
import TestSupport
import Testing

/// Against Debian's OpenSSH server.
@Suite(.enabled(if: Project.program("sshd") != nil || Project.isCI)) struct SecureCopyTests {
    /// A server on this machine that lets one key in.
    private struct Server {
        let folder: TemporaryFolder
        let program: RunningProgram
        let target: SecureCopyTarget

        static func start() async throws -> Server {
            let folder = try TemporaryFolder()
            let port = try FreePort.take()
            for name in ["host", "user", "stranger"] {
                let made = try await RunningProgram.run(
                    try #require(Project.program("ssh-keygen")),
                    ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder.path(name)])
                try #require(made.code == 0, "\(made.text)")
            }
            // Where the server separates its privileges; only root's needs it, and it is gone after a reboot.
            if geteuid() == 0 {
                try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
            }
            let hostKey = try String(contentsOfFile: folder.path("host.pub"), encoding: .utf8)
            try folder.write("[127.0.0.1]:\(port) \(hostKey)", to: "known_hosts")
            let settings = try folder.write(
                """
                Port \(port)
                ListenAddress 127.0.0.1
                HostKey \(folder.path("host"))
                AuthorizedKeysFile \(folder.path("user.pub"))
                PidFile none
                UsePAM no
                StrictModes no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin prohibit-password
                Subsystem sftp internal-sftp
                """, to: "sshd_config")
            let program = try await RunningProgram(
                try #require(Project.program("sshd")), ["-D", "-e", "-f", settings], in: folder)
            let target = SecureCopyTarget(
                host: "127.0.0.1", port: port, user: NSUserName(), folder: folder.path("backups"),
                keyFile: folder.path("user"), knownHostsFile: folder.path("known_hosts"))
            let isUp: Bool? = await eventually { program.text.contains("Server listening") ? true : nil }
            try #require(isUp == true, "\(program.text)")
            return Server(folder: folder, program: program, target: target)
        }

        func failure(_ change: (inout SecureCopyTarget) -> Void) async throws -> String {
            var target = target
            change(&target)
            let file = try folder.write("contents", to: "file")
            do throws(SecureCopyError) {
                try await SecureCopy(target).upload(file, within: .seconds(30))
                return "it was uploaded"
            } catch {
                return error.description
            }
        }
    }

    @Test func `A file is there under its name, whole and for its owner alone, and can be listed and removed`()
        async throws
    {
        let server = try await Server.start()
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
        await server.program.end()
    }

    @Test func `A host whose key is not known is refused, and so is one that shows another`() async throws {
        let server = try await Server.start()
        let empty = try server.folder.write("", to: "nobody")
        let unknown = try await server.failure { $0.knownHostsFile = empty }
        #expect(unknown.contains("the host's key is not in \(empty)"))
        let other = try String(contentsOfFile: server.folder.path("stranger.pub"), encoding: .utf8)
        let wrong = try server.folder.write("[127.0.0.1]:\(server.target.port) \(other)", to: "wrong")
        let changed = try await server.failure { $0.knownHostsFile = wrong }
        #expect(changed.contains("another key than the one in \(wrong)"))
        #expect(!FileManager.default.fileExists(atPath: server.folder.path("backups")))
        await server.program.end()
    }

    @Test func `A key that the host does not know is refused in words that say what to do`() async throws {
        let server = try await Server.start()
        let failure = try await server.failure { $0.keyFile = server.folder.path("stranger") }
        #expect(failure.contains("does not let \(NSUserName()) in with the key \(server.folder.path("stranger"))"))
        chmod(server.folder.path("user"), 0o644)
        let open = try await server.failure { _ in }
        #expect(open.contains("chmod 600"))
        await server.program.end()
    }

    @Test func `A host that is not there, and a folder that cannot be made, are told`() async throws {
        let server = try await Server.start()
        let folder = try await server.failure { $0.folder = "/proc/nowhere/deep" }
        #expect(folder.contains("/proc/nowhere/deep"))
        await server.program.end()
        let gone = try await server.failure { _ in }
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
