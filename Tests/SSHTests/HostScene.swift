import Domain
import Foundation
import Outbound
import SSH
import TestSupport

/// Hosts that are served by OpenSSH servers of a test's own.
struct HostScene: Sendable {
    let server: SSHServer
    let hosts: SSHHosts
    let secrets: FileSecrets
    /// Of its steps. Processes are found by it, also those of the scenes that run beside this one.
    let key = UUID().uuidString.lowercased()

    /// `settings` are further members of the host `web`, which is the server; `others` further hosts.
    static func start(
        settings: [String: JSONValue] = [:], others: [String: JSONValue] = [:], more: [String] = []
    ) async throws -> HostScene {
        let server = try await SSHServer.start(more: more)
        return try HostScene(server, settings: settings, others: others)
    }

    init(_ server: SSHServer, settings: [String: JSONValue] = [:], others: [String: JSONValue] = [:]) throws {
        self.server = server
        secrets = FileSecrets()
        let web = HostScene.host(server).merging(settings) { $1 }
        let read = try HostScene.read(.object(["web": .object(web)].merging(others) { $1 }))
        hosts = SSHHosts(read, base: server.folder.path(""), secrets: secrets)
    }

    /// What the settings of a host say that is this server.
    static func host(_ server: SSHServer) -> [String: JSONValue] {
        [
            "address": .string(server.target.host), "port": .int(Int64(server.target.port)),
            "user": .string(server.target.user), "key": ["file": .string(server.target.keyFile)],
            "known_hosts_file": .string(server.target.knownHostsFile),
        ]
    }

    static func read(_ value: JSONValue) throws -> SSHSettings {
        var reader = InputReader.reading(LocatedValue(value, at: .none))
        let settings = SSHSettings(&reader)
        reader.finish()
        guard reader.problems.isEmpty else { throw Unreadable(problems: reader.problems) }
        return settings
    }

    struct Unreadable: Error {
        let problems: [Problem]
    }

    func run(
        _ arguments: [String], input: String = "", on host: String = "web", limit: Duration = .seconds(60),
        tag: String? = nil
    ) async throws -> HostCommandResult {
        try await hosts.run(
            HostCommand(arguments, input: Array(input.utf8), limit: limit, tag: tag), on: host, for: 1)
    }

    /// Why a command cannot be run. Nil when it can.
    func failure(of arguments: [String], on host: String = "web", limit: Duration = .seconds(60)) async -> HostError? {
        do throws(HostError) {
            _ = try await hosts.run(HostCommand(arguments, limit: limit), on: host, for: 1)
            return nil
        } catch {
            return error
        }
    }

    func end() async {
        await hosts.shutdown()
        await server.stop()
    }
}

/// Secrets from files, as they are when they are asked for.
final class FileSecrets: SecretSource {
    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        guard case .file(let path) = reference, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw MissingSecret("there is no \(reference)")
        }
        return Secret(text.trimmingCharacters(in: .newlines))
    }
}
