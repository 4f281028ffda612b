package import Domain
import Foundation
import Outbound
import Synchronization

/// Reaches the hosts of the settings with OpenSSH's `ssh`. Each job has one connection to a host, which all its commands
/// share; it ends when nothing has used it for a minute, and at `shutdown`.
package final class SSHHosts: HostAccess {
    private struct Key: Hashable, Sendable {
        var job: JobID
        var host: String
    }

    private struct State: Sendable {
        var folder: PrivateFolder?
        var connections: [Key: SSHConnection] = [:]
        var opened = 0
        var isShutDown = false
    }

    private let settings: SSHSettings
    private let base: String
    private let secrets: (any SecretSource)?
    private let addresses: (any HostAddresses)?
    private let mark: @Sendable () -> String
    private let state = Mutex(State())

    /// Paths in `settings` count from the folder `base`; `addresses` knows the servers at Hetzner. `mark` gives a text of letters, digits and `-` that nobody can
    /// guess, another each time.
    package init(
        _ settings: SSHSettings, base: String, secrets: any SecretSource, addresses: (any HostAddresses)? = nil,
        mark: @escaping @Sendable () -> String = { UUID().uuidString }
    ) {
        self.settings = settings
        self.base = base
        self.secrets = secrets
        self.addresses = addresses
        self.mark = mark
    }

    package var names: [String] { settings.hosts.keys.sorted() }

    package func run(_ command: HostCommand, on host: String, for job: JobID) async throws(HostError)
        -> HostCommandResult
    {
        if let complaint = command.complaint { throw HostError(host, .notUsable, complaint) }
        var isFirst = true
        while true {
            let connection = try await connection(to: host, for: job)
            if let result = try await connection.run(command, mark: mark()) { return result }
            // It had ended, or it carries as many commands as the host allows: another one is made.
            forget(connection, to: host, for: job)
            guard isFirst else {
                throw HostError(
                    host, .notConnected(passes: true), "the connection ends as soon as it is made",
                    hint: "look at what the host's sshd writes: journalctl -u ssh")
            }
            isFirst = false
        }
    }

    /// Ends all connections. Called once, when no action runs any more.
    package func shutdown() async {
        let (connections, folder) = state.withLock { state in
            defer { state = State(isShutDown: true) }
            return (Array(state.connections.values), state.folder)
        }
        for connection in connections { await connection.close() }
        folder?.remove()
    }

    // MARK: Connections

    private func connection(to host: String, for job: JobID) async throws(HostError) -> SSHConnection {
        let key = Key(job: job, host: host)
        let known = state.withLock { state in
            // Those that have ended by themselves.
            state.connections = state.connections.filter { $0.value.isThere }
            return state.connections[key]
        }
        if let known { return known }
        let opening = try await opening(host)
        let connection = try await opening.open()
        let isWanted = state.withLock { state in
            guard !state.isShutDown else { return false }
            // Of two that are opened at once the other one ends when it is idle.
            state.connections[key] = connection
            return true
        }
        guard isWanted else {
            await connection.close()
            throw HostError(host, .cancelled, "the bot is stopping")
        }
        return connection
    }

    private func forget(_ connection: SSHConnection, to host: String, for job: JobID) {
        state.withLock { state in
            let key = Key(job: job, host: host)
            if state.connections[key]?.socket == connection.socket { state.connections[key] = nil }
        }
    }

    private func opening(_ host: String) async throws(HostError) -> SSHOpening {
        guard let chain = settings.chain(to: host) else { throw .unknown(host, among: names) }
        let folder: PrivateFolder
        let number: Int
        do throws(PrivateFolder.Failure) {
            (folder, number) = try state.withLock { state throws(PrivateFolder.Failure) in
                let folder: PrivateFolder
                if let known = state.folder { folder = known } else { folder = try PrivateFolder() }
                state.folder = folder
                state.opened += 1
                return (folder, state.opened)
            }
        } catch {
            throw HostError(host, .notUsable, "\(error)")
        }
        var hops: [SSHOpening.Hop] = []
        for (name, host) in chain { hops.append(try await hop(name, host)) }
        return SSHOpening(hops: hops, folder: folder, number: number)
    }

    private func hop(_ name: String, _ host: SSHHostSettings) async throws(HostError) -> SSHOpening.Hop {
        guard let secrets, let reference = host.key else { throw HostError(name, .notUsable, "no key is given for it") }
        let address = try await address(name, host.place)
        do {
            func keys(_ text: String, from source: String) throws(KnownHosts.Complaint) -> SSHOpening.Hop.KnownHosts {
                .text(try KnownHosts(text).file(address: address, port: host.port), from: source)
            }
            let knownHosts =
                switch host.knownHosts {
                case .text(let text): try keys(text, from: "'known_hosts' of \(name) in the settings")
                case .file(let path): SSHOpening.Hop.KnownHosts.file(try readable(path))
                case .secret(let reference): try keys(try secrets.secret(reference).reveal(), from: "\(reference)")
                }
            return SSHOpening.Hop(
                name: name, address: address, port: host.port, user: host.user,
                key: try secrets.secret(reference), keyName: reference.description, knownHosts: knownHosts,
                jump: host.jump, usesSudo: host.usesSudo)
        } catch let error as KnownHosts.Complaint {
            throw HostError(name, .notUsable, "its known_hosts cannot be used: \(error)")
        } catch {
            throw HostError(name, .notUsable, "\(error)")
        }
    }

    /// Where a host is now.
    private func address(_ name: String, _ place: SSHHostSettings.Place) async throws(HostError) -> String {
        switch place {
        case .address(let address): return address
        case .hetzner(let server, let isInside):
            guard let addresses else {
                throw HostError(
                    name, .notUsable, "it is a server of Hetzner Cloud, and nobody knows where it is",
                    hint: "add the section 'hetzner' with a token to defimon.yaml")
            }
            let address: String
            do throws(ActionError) { address = try await addresses.address(of: server, inside: isInside) } catch {
                if Task.isCancelled { throw HostError(name, .cancelled, "the connection was not needed any more") }
                throw HostError(
                    name, error.retry == .never ? .notUsable : .notConnected(passes: true),
                    "it is not known where server \(server) is: \(error.message)", hint: error.hint)
            }
            guard SecureCopyTarget.isPlain(address) else {
                throw HostError(name, .notUsable, "the address of server \(server) holds signs that it may not")
            }
            return address
        }
    }

    /// The path of a file of host keys, absolute. Throws `KnownHosts.Complaint` when there is none.
    private func readable(_ path: String) throws(KnownHosts.Complaint) -> String {
        let full =
            path.hasPrefix("~/")
            ? NSString(string: path).expandingTildeInPath
            : path.hasPrefix("/") ? path : URL(filePath: base).appending(path: path).path
        guard access(full, R_OK) == 0 else {
            throw KnownHosts.Complaint(description: "the file \(full) cannot be read")
        }
        guard SecureCopyTarget.isPlain(full) else {
            throw KnownHosts.Complaint(description: "the path \(full) holds signs that it may not")
        }
        return full
    }
}
