import Domain
import Foundation
import Outbound

/// Makes one connection: its keys and the hosts on its way stand in a configuration of their own while it is made, and
/// nothing of them stays.
struct SSHOpening: Sendable {
    /// One host on the way.
    struct Hop: Sendable {
        enum KnownHosts: Sendable {
            /// Lines of a file, and where they are from, for people.
            case text(String, from: String)
            case file(String)
        }

        var name: String
        var address: String
        var port: Int
        var user: String
        var key: Secret
        /// Where the key is from, for people.
        var keyName: String
        var knownHosts: KnownHosts
        var jump: String?
        var usesSudo: Bool

        /// As `ssh` names it when it looks for its key.
        var lookedUp: String { port == 22 ? address : "[\(address)]:\(port)" }
    }

    /// The nearest first; at least one.
    let hops: [Hop]
    let folder: PrivateFolder
    /// Another one for each connection of the folder.
    let number: Int

    func open() async throws(HostError) -> SSHConnection {
        guard let host = hops.last else { throw HostError("", .notUsable, "there is no host") }
        let files =
            ["\(number)", "\(number)-log"] + hops.indices.flatMap { ["\(number)-key-\($0)", "\(number)-hosts-\($0)"] }
        defer { for file in files { folder.remove(file) } }
        let connection = SSHConnection(
            host: host.name, socket: folder.path("\(number).s"), usesSudo: host.usesSudo)
        let program: ChildProgram
        do throws(PrivateFolder.Failure) {
            program = ChildProgram(
                "ssh",
                [
                    "-F", try configuration(), "-M", "-S", connection.socket, "-o",
                    "ControlPersist=\(SSHConnection.idleSeconds)", "-T", "-e", "none", "--", host.name, "exit 0",
                ], environment: OpenSSHOptions.environment)
        } catch {
            throw HostError(host.name, .notUsable, "\(error)")
        }
        let output = ProgramOutput(bound: 1024)
        let errors = ProgramOutput(bound: 16 * 1024)
        let limit = OpenSSHOptions.connectTimeout * (hops.count + 1)
        do {
            let isOpen = try await program.run(
                within: .seconds(limit), output: output, errors: errors)
            guard isOpen else {
                throw refusal([log(), SSHOpening.text(errors), SSHOpening.text(output)].joined(), host)
            }
            return connection
        } catch let error as HostError {
            throw error
        } catch ChildProgram.Failure.tookTooLong {
            throw HostError(
                host.name, .notConnected(passes: true), "no connection within \(limit) s",
                hint: "is it up, and does a firewall let the bot in?")
        } catch ChildProgram.Failure.notRun(let reason) {
            throw HostError(
                host.name, .notUsable, "OpenSSH's ssh cannot be run: \(reason)",
                hint: "install openssh-client where the bot runs")
        } catch {
            throw HostError(host.name, .cancelled, "the connection was not needed any more")
        }
    }

    /// Writes it and returns its path.
    private func configuration() throws(PrivateFolder.Failure) -> String {
        var text = ""
        for (index, hop) in hops.enumerated() {
            // OpenSSH reads no key without a line feed at its end.
            let key = try folder.write("\(hop.key.reveal())\n".utf8, to: "\(number)-key-\(index)")
            let knownHosts =
                switch hop.knownHosts {
                case .text(let text, _): try folder.write(text.utf8, to: "\(number)-hosts-\(index)")
                case .file(let path): path
                }
            text += "Host \(hop.name)\n"
            text += OpenSSHOptions.lines(
                [("HostName", hop.address), ("Port", String(hop.port)), ("User", hop.user)]
                    + (hop.jump.map { [("ProxyCommand", way(by: $0))] } ?? [])
                    + OpenSSHOptions(keyFile: key, knownHostsFile: knownHosts).values)
        }
        return try folder.write(text.utf8, to: "\(number)")
    }

    /// As ProxyJump does it, but for the log: `ssh` throws away what is said on the way while it makes a connection to
    /// be shared.
    private func way(by jump: String) -> String {
        "ssh -F \(folder.path("\(number)")) -E \(folder.path("\(number)-log")) -W [%h]:%p -- \(jump)"
    }

    // MARK: Refusals

    private static func text(_ output: ProgramOutput) -> String {
        String(decoding: output.parts.beginning, as: UTF8.self)
    }

    /// What was said on the way.
    private func log() -> String {
        guard let file = FileHandle(forReadingAtPath: folder.path("\(number)-log")) else { return "" }
        defer { try? file.close() }  // nothing was written
        // What cannot be read is left out: it is only an addition.
        let said = (try? file.read(upToCount: 16 * 1024)) ?? nil
        return said.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func refusal(_ errors: String, _ host: Hop) -> HostError {
        // Which of the hosts on the way it is about.
        let hop =
            hops.first { errors.contains("\($0.user)@\($0.address): ") || errors.contains(" \($0.lookedUp) ") } ?? host
        let way = hop.name == host.name ? "" : "on the way, at \(hop.name): "
        let complaint = OpenSSHComplaint(
            errors, host: hop.address, port: hop.port, user: hop.user, key: "the key \(hop.keyName)",
            knownHosts: knownHostsName(hop))
        if let complaint { return HostError(host.name, .notConnected(passes: false), way + complaint.words) }
        let lines = errors.split(whereSeparator: \.isNewline).map {
            $0.replacing(folder.path, with: "").trimmingCharacters(in: .whitespaces)
        }
        let words = String(lines.suffix(4).joined(separator: "; ").prefix(500))
        let passes = SSHOpening.passing.contains { errors.contains($0) }
        return HostError(
            host.name, .notConnected(passes: passes),
            words.isEmpty ? "ssh cannot connect and does not say why" : way + words,
            hint: passes ? "is it up, and does a firewall let the bot in?" : nil)
    }

    private func knownHostsName(_ hop: Hop) -> String {
        switch hop.knownHosts {
        case .text(_, let source): source
        case .file(let path): path
        }
    }

    /// What `ssh` says when it may work later.
    private static let passing = [
        "Connection refused", "timed out", "Connection timeout", "No route to host", "Network is unreachable",
        "Temporary failure in name resolution", "Connection reset", "Connection closed", "kex_exchange_identification",
        "banner exchange",
    ]
}
