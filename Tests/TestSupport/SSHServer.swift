import Foundation
package import Outbound
import Synchronization

/// Debian's OpenSSH server on a free port of 127.0.0.1 that lets one key in.
package final class SSHServer: Sendable {
    /// Whether it can be started here; in CI it must be.
    package static var isThere: Bool { Project.program("sshd") != nil || Project.isCI }

    /// What went wrong while it was set up.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// Its keys: `host`, `user`, and `stranger`, which it does not know; `known_hosts` fits.
    package let folder: TemporaryFolder
    /// The folder `backups` in `folder`, which is not there yet.
    package let target: SecureCopyTarget
    private let program = Mutex<RunningProgram?>(nil)

    private init(folder: TemporaryFolder, target: SecureCopyTarget, more: [String]) {
        self.more = more
        self.folder = folder
        self.target = target
    }

    /// More lines of its settings.
    private let more: [String]

    /// Makes the keys and starts it. `script` is a shell script that speaks instead of OpenSSH's own server of files;
    /// `more` are lines of sshd_config(5).
    package static func start(script: String? = nil, more: [String] = []) async throws -> SSHServer {
        let folder = try TemporaryFolder()
        let port = try FreePort.take()
        for name in ["host", "user", "stranger"] {
            let made = try await RunningProgram.run(
                try found("ssh-keygen"), ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder.path(name)])
            guard made.code == 0 else { throw Failure(description: made.text) }
        }
        try makeFolderOfRoot()
        let hostKey = try String(contentsOfFile: folder.path("host.pub"), encoding: .utf8)
        try folder.write("[127.0.0.1]:\(port) \(hostKey)", to: "known_hosts")
        let server = SSHServer(
            folder: folder,
            target: SecureCopyTarget(
                host: "127.0.0.1", port: port, user: NSUserName(), folder: folder.path("backups"),
                keyFile: folder.path("user"), knownHostsFile: folder.path("known_hosts")),
            more: more)
        try await server.restart(script: script)
        return server
    }

    /// Makes the folder in which the server separates its privileges; only root's needs it, and it is gone after a reboot.
    package static func makeFolderOfRoot() throws {
        guard geteuid() == 0 else { return }
        try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }

    /// Starts it again on the same port, with the same keys.
    package func restart(script: String? = nil) async throws {
        await stop()
        if let script { try folder.write(script, to: "files.sh") }
        let files = script == nil ? "internal-sftp" : "/bin/sh \(folder.path("files.sh"))"
        let settings = try folder.write(
            """
            Port \(target.port)
            ListenAddress 127.0.0.1
            HostKey \(folder.path("host"))
            AuthorizedKeysFile \(folder.path("user.pub"))
            PidFile none
            UsePAM no
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            Subsystem sftp \(files)
            \(more.joined(separator: "\n"))
            """, to: "sshd_config")
        let started = try await RunningProgram(
            try SSHServer.found("sshd"), ["-D", "-e", "-f", settings], in: folder)
        let isUp: Bool? = await eventually { started.text.contains("Server listening") ? true : nil }
        guard isUp == true else { throw Failure(description: started.text) }
        program.withLock { $0 = started }
    }

    /// The process id of its listener.
    package var id: Int32? { program.withLock { $0 }?.id }

    /// What it has written to its log since it was started last.
    package var log: String { program.withLock { $0 }?.text ?? "" }

    /// Nobody listens on its port any more.
    package func stop() async { await program.withLock { $0 }?.end() }

    private static func found(_ name: String) throws -> String {
        guard let path = Project.program(name) else { throw Failure(description: "there is no \(name)") }
        return path
    }
}
