import Foundation

/// Puts files into a folder of another host with OpenSSH's `sftp`: a host whose key is not known is refused, and nobody
/// is asked for anything.
package struct SecureCopy: Sendable {
    /// The most that is kept of what `sftp` says, in bytes of each stream; more ends it.
    private static let longestOutput = 1 << 20

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
        ["-b", batch, "-F", "none", "-P", String(target.port)]
            + OpenSSHOptions(keyFile: target.keyFile, knownHostsFile: target.knownHostsFile).arguments
            + ["--", target.host.contains(":") ? "\(target.user)@[\(target.host)]" : "\(target.user)@\(target.host)"]
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
        let commands = FileManager.default.temporaryDirectory.appending(path: "defimon-sftp-\(UUID().uuidString)").path
        guard
            FileManager.default.createFile(
                atPath: commands, contents: Data((batch + "\n").utf8), attributes: [.posixPermissions: 0o600])
        else { throw failure("no file can be made in \(FileManager.default.temporaryDirectory.path)") }
        defer { unlink(commands) }
        var program = ChildProgram(
            "sftp", arguments(commands), environment: OpenSSHOptions.environment, directory: directory)
        program.longestOutput = SecureCopy.longestOutput
        let result: ChildProgram.Result
        do {
            result = try await program.run(within: limit)
        } catch ChildProgram.Failure.tookTooLong {
            throw failure("it took longer than \(limit.components.seconds) s, its limit")
        } catch ChildProgram.Failure.wroteTooMuch {
            throw failure("OpenSSH's sftp wrote more than \(SecureCopy.longestOutput) bytes")
        } catch ChildProgram.Failure.notRun(let reason) {
            throw failure("OpenSSH's sftp cannot be run: \(reason)")
        } catch {
            throw failure("the bot is stopping")
        }
        guard result.isSuccess else { throw failure(words(result.errors)) }
        return result.output
    }

    private func words(_ errors: String) -> String {
        let complaint = OpenSSHComplaint(
            errors, host: target.host, port: target.port, user: target.user, key: "the key \(target.keyFile)",
            knownHosts: target.knownHostsFile)
        if let complaint { return complaint.words }
        let lines = errors.split(whereSeparator: \.isNewline).filter { !$0.contains("remote mkdir") }
        let text = lines.suffix(4).joined(separator: "; ")
        return text.isEmpty ? "sftp failed and did not say why" : String(text.prefix(500))
    }
}
