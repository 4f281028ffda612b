import Domain
import Foundation
import Outbound
import Sandbox
import ServiceLifecycle

/// The sandbox' hosts that the bot reaches by SSH: the machines of the two Ethereum nodes, and the first of the analytics
/// cluster. They need the machine's own OpenSSH server.
struct SandboxHosts: Sendable {
    static let machines = ["geth-vm-0", "geth-vm-1"]
    static let control = "analytics-control-1"
    /// Where k3s writes the kubeconfig of its cluster.
    static let kubeconfigPath = "/etc/rancher/k3s/k3s.yaml"

    let hosts: [SandboxHost]
    private let keys: String

    /// Why there are none, and what to do about it.
    struct LeftOut: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes the keys and all files anew in `folder`. Throws `LeftOut` where hosts cannot be had.
    init(in folder: String) async throws {
        let manager = FileManager.default
        let places = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"]
        guard let server = places.first(where: { manager.isExecutableFile(atPath: $0) }) else {
            throw LeftOut(
                description: "Hosts over SSH are left out: there is no sshd. On Debian: apt-get install openssh-server")
        }
        guard geteuid() != 0 || manager.fileExists(atPath: "/run/sshd") else {
            throw LeftOut(
                description: "Hosts over SSH are left out: root's sshd needs a folder. Make it: mkdir /run/sshd")
        }
        if manager.fileExists(atPath: folder) { try manager.removeItem(atPath: folder) }
        let keys = "\(folder)/keys"
        try manager.createDirectory(atPath: keys, withIntermediateDirectories: true)
        do {
            for name in ["host", "user"] {
                let pair = try await SSHKeyPair.make(comment: "sandbox-\(name)")
                for (file, text) in [(name, pair.privateKey.reveal()), ("\(name).pub", pair.publicKey)] {
                    guard
                        manager.createFile(
                            atPath: "\(keys)/\(file)", contents: Data("\(text)\n".utf8),
                            attributes: [.posixPermissions: 0o600])
                    else { throw Complaint("\(keys)/\(file) cannot be written", .unreachable) }
                }
            }
        } catch let failure as SSHKeyPair.Failure {
            throw LeftOut(description: "Hosts over SSH are left out: \(failure)")
        }
        self.keys = keys
        let machines = try SandboxHosts.machines.map { ($0, try HostPrograms(folder: "\(folder)/\($0)")) }
        let control = try HostPrograms(
            folder: "\(folder)/\(SandboxHosts.control)", mount: "/var/lib/rancher", size: 20)
        hosts = try (machines + [(SandboxHosts.control, control)]).map { name, programs in
            try SandboxHost(name, programs, keys: keys, server: server)
        }
        let key = try String(contentsOfFile: "\(keys)/host.pub", encoding: .utf8)
        let known = hosts.map { "[127.0.0.1]:\($0.port) \(key)" }.joined()
        try Data(known.utf8).write(to: URL(filePath: "\(keys)/known_hosts"))
    }

    var services: [any Service] { hosts }

    subscript(_ name: String) -> SandboxHost? { hosts.first { $0.name == name } }

    /// The section `hosts` of the bot's settings.
    var settings: String {
        // Every host has the same key: they are one program.
        let entries = hosts.map { host in
            """
              \(host.name):
                address: 127.0.0.1
                port: \(host.port)
                user: "\(NSUserName())"
                key: {file: "\(keys)/user"}
                known_hosts_file: "\(keys)/known_hosts"
            """
        }
        return "hosts:\n" + entries.joined(separator: "\n") + "\n"
    }
}
