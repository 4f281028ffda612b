import Foundation
import Outbound
import Sandbox
import TestSupport

/// A host that a bot reaches by OpenSSH, with the sandbox' programs in place of its own.
struct HostTools: Sendable {
    private let folder: TemporaryFolder
    let programs: HostPrograms
    let server: SSHServer

    static func start() async throws -> HostTools {
        let folder = try TemporaryFolder()
        let programs = try HostPrograms(folder: folder.path("host"))
        let server = try await SSHServer.start(more: [programs.forcedCommand])
        return HostTools(folder: folder, programs: programs, server: server)
    }

    /// The section `hosts` of a bot's settings that knows it by this name.
    func settings(_ name: String) -> String {
        """

        hosts:
          \(name):
            address: \(server.target.host)
            port: \(server.target.port)
            user: \(server.target.user)
            key: {file: \(server.target.keyFile)}
            known_hosts_file: \(server.target.knownHostsFile)

        """
    }
}
