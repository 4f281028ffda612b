import Foundation
import Subprocess
import SystemPackage

/// Puts files into a folder of another host with OpenSSH's `sftp`: a host whose key is not known is refused, and nobody
/// is asked for anything.
package struct SecureCopy: Sendable {
    /// The most that is kept of what `sftp` says, in bytes of each stream; more ends it.
    private static let longestOutput = 1 << 20
    /// How long a connection may take to be made, seconds.
    private static let connectTimeout = 15

    private let target: SecureCopyTarget

    package init(_ target: SecureCopyTarget) { self.target = target }

    /// Uploads a file under its own name. A file of that name is always whole: it is written under another one and then
    /// renamed.
    package func upload(_ path: String, within limit: Duration) async throws(SecureCopyError) {
        let file = URL(filePath: path)
        let name = file.lastPathComponent
        try check(name)
        _ = try await run(
            """
            -mkdir "\(target.folder)"
            cd "\(target.folder)"
            put -f "\(name)" "\(name).partial"
            rename "\(name).partial" "\(name)"
            """, in: file.deletingLastPathComponent().path, within: limit)
    }

    /// Names of what is in the folder.
    package func names(within limit: Duration) async throws(SecureCopyError) -> [String] {
        try await run("cd \"\(target.folder)\"\nls -1", in: "/", within: limit)
            .split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("sftp>") }
    }

    /// Removes files of the folder.
    package func remove(_ names: [String], within limit: Duration) async throws(SecureCopyError) {
        for name in names { try check(name) }
        if names.isEmpty { return }
        let lines = names.map { "rm \"\($0)\"" }.joined(separator: "\n")
        _ = try await run("cd \"\(target.folder)\"\n\(lines)", in: "/", within: limit)
    }

    private func check(_ name: String) throws(SecureCopyError) {
        guard SecureCopyTarget.isPlain(name), !name.contains("/") else {
            throw failure("the file name '\(name.prefix(100))' holds signs that it may not")
        }
    }

    private func failure(_ reason: String) -> SecureCopyError {
        SecureCopyError(target: target.words, reason: reason)
    }

    // MARK: The program

    private func arguments(_ batch: String) -> [String] {
        [
            "-b", batch, "-F", "none", "-P", String(target.port), "-i", target.keyFile, "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=\(target.knownHostsFile)",
            "-o", "GlobalKnownHostsFile=none", "-o", "UpdateHostKeys=no", "-o", "IdentitiesOnly=yes",
            "-o", "IdentityAgent=none", "-o", "PreferredAuthentications=publickey",
            "-o", "ConnectTimeout=\(SecureCopy.connectTimeout)", "-o", "ServerAliveInterval=15",
            "-o", "ServerAliveCountMax=3", "-o", "LogLevel=ERROR", "--",
            target.host.contains(":") ? "\(target.user)@[\(target.host)]" : "\(target.user)@\(target.host)",
        ]
    }

    /// Runs commands of `sftp` up to the first that fails. Returns what it wrote.
    private func run(_ batch: String, in directory: String, within limit: Duration) async throws(SecureCopyError)
        -> String
    {
        for (what, text) in [
            ("host", target.host), ("user", target.user), ("folder", target.folder), ("key", target.keyFile),
            ("known_hosts", target.knownHostsFile),
        ] where !SecureCopyTarget.isPlain(text) {
            throw failure("'\(what)' holds signs that it may not: letters, digits and ._/+:~- can be given")
        }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        // From a file: swift-subprocess ends the whole process when a program exits before it has read what it is given.
        let commands = FileManager.default.temporaryDirectory.appending(path: "defimon-sftp-\(UUID().uuidString)").path
        guard
            FileManager.default.createFile(
                atPath: commands, contents: Data((batch + "\n").utf8), attributes: [.posixPermissions: 0o600])
        else { throw failure("no file can be made in \(FileManager.default.temporaryDirectory.path)") }
        defer { unlink(commands) }
        let configuration = Configuration(
            executable: .name("sftp"), arguments: Arguments(arguments(commands)),
            environment: .custom(["PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C"]),
            workingDirectory: FilePath(directory), platformOptions: options)
        let ending: Ending
        do {
            ending = try await withThrowingTaskGroup(of: Ending.self) { group in
                group.addTask {
                    let result = try await Subprocess.run(
                        configuration, output: .string(limit: SecureCopy.longestOutput),
                        error: .string(limit: SecureCopy.longestOutput))
                    return .ended(
                        isSuccess: result.terminationStatus.isSuccess, result.standardOutput,
                        result.standardError)
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return .tooLong
                }
                defer { group.cancelAll() }
                return try await group.next() ?? .tooLong
            }
        } catch is CancellationError {
            throw failure("the bot is stopping")
        } catch {
            throw failure("OpenSSH's sftp cannot be run: \(error)")
        }
        switch ending {
        case .tooLong: throw failure("it took longer than \(limit.components.seconds) s, its limit")
        case .ended(true, let output, _): return output
        case .ended(false, _, let errors): throw failure(words(errors))
        }
    }

    private enum Ending: Sendable {
        case ended(isSuccess: Bool, String, String)
        case tooLong
    }

    /// What OpenSSH says, in words that say what to do.
    private func words(_ errors: String) -> String {
        if errors.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
            return "the host shows another key than the one in \(target.knownHostsFile): find out why before you change"
                + " the file"
        }
        if errors.contains("Host key verification failed") {
            return "the host's key is not in \(target.knownHostsFile): compare it and put it there (ssh-keyscan -p"
                + " \(target.port) \(target.host))"
        }
        if errors.contains("UNPROTECTED PRIVATE KEY FILE") {
            return "the key \(target.keyFile) can be read by others: chmod 600 it"
        }
        if errors.contains("Permission denied (") {
            return "the host does not let \(target.user) in with the key \(target.keyFile): put its public key into the"
                + " user's authorized_keys there"
        }
        let lines = errors.split(whereSeparator: \.isNewline).filter { !$0.contains("remote mkdir") }
        let text = lines.suffix(4).joined(separator: "; ")
        return text.isEmpty ? "sftp failed and did not say why" : String(text.prefix(500))
    }
}
