import Domain
import Foundation
import Outbound
import Sandbox
import ServiceLifecycle

/// A host of the sandbox: this machine's OpenSSH server on a port of the loopback address, which lets the bot alone in and
/// runs stand-in programs alone.
struct SandboxHost: Service {
    /// Longer than any sandbox is up.
    private static let limit = Duration.seconds(10 * 365 * 86_400)

    let name: String
    let port: Int
    let programs: HostPrograms
    /// The path of `sshd`: it starts itself anew for each connection, and wants a whole one.
    private let server: String
    private let settings: String

    /// Writes all that it needs into the folder of its programs, which is its own. `keys` is the folder of the keys `host`
    /// and `user`.
    init(_ name: String, _ programs: HostPrograms, keys: String, server: String) throws {
        self.name = name
        self.server = server
        port = try SandboxHost.freePort()
        self.programs = programs
        settings = "\(programs.folder)/sshd_config"
        let text = """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey "\(keys)/host"
            AuthorizedKeysFile "\(keys)/user.pub"
            PidFile none
            UsePAM no
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            PermitTTY no
            PermitUserRC no
            DisableForwarding yes
            \(programs.forcedCommand)

            """
        try Data(text.utf8).write(to: URL(filePath: settings))
    }

    func run() async throws {
        let errors = ProgramOutput(bound: 16 * 1024)
        let program = ChildProgram(server, ["-D", "-e", "-f", settings], environment: OpenSSHOptions.environment)
        let ended = await cancelWhenGracefulShutdown {
            do {
                _ = try await program.run(
                    within: SandboxHost.limit, output: ProgramOutput(bound: 1024), errors: errors)
                return String(decoding: errors.parts.beginning, as: UTF8.self)
            } catch {
                return "\(error)"
            }
        }
        if Task.isCancelled || Task.isShuttingDownGracefully { return }
        throw Complaint("the sandbox' host \(name) ended: \(ended.suffix(500))", .unreachable)
    }

    /// Below those that the kernel gives to whoever asks for any port (net.ipv4.ip_local_port_range begins at 32768): one of
    /// those could be somebody else's before `sshd`, which does not tell which one it takes, has it.
    private static let ports = 10_000..<32_768

    /// One that nobody listens on just now.
    private static func freePort() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: ports)
            if try isFree(port) { return port }
        }
        throw Complaint("no port can be had from \(ports.lowerBound) to \(ports.upperBound - 1)", .unreachable)
    }

    private static func isFree(_ port: Int) throws -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else {
            throw Complaint("no port can be had: \(String(cString: strerror(errno)))", .unreachable)
        }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(port).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
    }
}
