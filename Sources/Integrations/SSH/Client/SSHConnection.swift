import Domain
import Foundation
import Outbound

/// A connection that stands, and that commands share by its socket (ssh_config(5), "ControlMaster"). No key is needed
/// any more.
struct SSHConnection: Sendable {
    /// How long it stays when nothing uses it, seconds.
    static let idleSeconds = 60
    /// How long a command's end may be on its way when its time is over: 5 s until it is killed there, and the network.
    private static let grace = Duration.seconds(15)
    /// How long the connection may take to tell that a command has ended whose end is known already.
    private static let patience = Duration.seconds(3)

    /// Bytes of each stream that are kept for the marks and what a login shell says.
    private static let room = 4096

    let host: String
    /// The path of its socket; nothing is there when it has ended.
    let socket: String
    let usesSudo: Bool

    var isThere: Bool { access(socket, F_OK) == 0 }

    /// Runs a command. Nil when the connection is not there any more, so that nothing ran.
    func run(_ command: HostCommand, mark: String) async throws(HostError) -> HostCommandResult? {
        let script = RemoteScript(mark: mark, command: command, usesSudo: usesSudo)
        var program = ChildProgram("ssh", arguments(script), environment: OpenSSHOptions.environment)
        let input: PrivateFolder?
        do throws(PrivateFolder.Failure) {
            input = command.input.isEmpty ? nil : try PrivateFolder()
            program.inputFile = try input?.write(command.input, to: "input")
        } catch {
            throw HostError(host, .notUsable, "\(error)")
        }
        defer { input?.remove() }
        let output = ProgramOutput(bound: command.longestOutput + SSHConnection.room)
        let errors = ProgramOutput(bound: command.longestOutput + SSHConnection.room)
        let began = ContinuousClock.now
        do {
            let isSuccess = try await run(program, within: command.limit, script, output, errors)
            return try result(
                script, isSuccess: isSuccess, output, errors, after: ContinuousClock.now - began)
        } catch let error as HostError {
            throw error
        } catch ChildProgram.Failure.tookTooLong {
            // It may have ended, and left something behind that holds its streams open.
            let reading = script.read(errors)
            if let status = reading.shellStatus, script.isWhole(output) {
                return HostCommandResult(
                    .init(shellStatus: status), output: script.text(output), errors: reading.errors)
            }
            throw tookTooLong(command, script.text(output), reading.errors, isEnded: false)
        } catch ChildProgram.Failure.notRun(let reason) {
            throw HostError(host, .notUsable, "OpenSSH's ssh cannot be run: \(reason)")
        } catch {
            throw HostError(host, .cancelled, "it was not waited for any more")
        }
    }

    /// Runs `ssh` until it ends. It is not waited for when the command has ended and something that it has left behind
    /// holds its streams open. Throws what `ChildProgram` throws.
    private func run(
        _ program: ChildProgram, within limit: Duration, _ script: RemoteScript, _ output: ProgramOutput,
        _ errors: ProgramOutput
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await program.run(within: limit + SSHConnection.grace, output: output, errors: errors)
            }
            group.addTask {
                while script.read(errors).shellStatus == nil || !script.isWhole(output) {
                    try await Task.sleep(for: .seconds(1))
                }
                try await Task.sleep(for: SSHConnection.patience)
                throw ChildProgram.Failure.tookTooLong
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    /// Ends it, with the commands that run by it. Never fails: one that has ended is fine.
    func close() async {
        guard isThere else { return }
        let program = ChildProgram(
            "ssh", ["-F", "none", "-S", socket, "-O", "exit", "--", host], environment: OpenSSHOptions.environment)
        _ = try? await program.run(within: .seconds(10))  // it ends by itself when it is idle
    }

    private func arguments(_ script: RemoteScript) -> [String] {
        // Without its socket it must not connect anew: that has no key, and would say no more than that it failed.
        let instead = "/bin/sh -c 'echo \(SSHConnection.unconnected(script)) >&2; exit 1'"
        return ["-F", "none", "-S", socket, "-o", "ControlMaster=no", "-o", "ProxyCommand=\(instead)"]
            + OpenSSHOptions.arguments(OpenSSHOptions.everywhere) + ["-T", "-e", "none", "--", host, script.text]
    }

    private static func unconnected(_ script: RemoteScript) -> String { "\(script.mark)-unconnected" }

    private func result(
        _ script: RemoteScript, isSuccess: Bool, _ output: ProgramOutput, _ errors: ProgramOutput,
        after time: Duration
    ) throws(HostError) -> HostCommandResult? {
        let reading = script.read(errors)
        if let status = reading.shellStatus {
            // What timeout(1) ends with when it has ended the command, by SIGTERM or by SIGKILL.
            if [124, 137].contains(status), time >= script.command.limit {
                throw tookTooLong(script.command, script.text(output), reading.errors, isEnded: true)
            }
            return HostCommandResult(
                .init(shellStatus: status), output: script.text(output), errors: reading.errors)
        }
        if !reading.hasBegun, reading.preface.contains(SSHConnection.unconnected(script)) { return nil }
        let isLost =
            reading.hasBegun
            || (!isSuccess && ["mux_client", "Connection", "connection"].contains { reading.preface.contains($0) })
        guard !isLost else {
            throw HostError(
                host, .lost, "the connection ended before the command did: it may have run, and may run still",
                hint: "look at the host itself before you repeat it", output: words(script.text(output), reading.errors)
            )
        }
        let said = (script.text(output).text + reading.preface).split(whereSeparator: \.isNewline)
        throw HostError(
            host, .refused, "the host did not run the command: \(said.suffix(4).joined(separator: "; ").prefix(500))",
            hint: "the user needs a POSIX shell as login shell, and no forced command in authorized_keys")
    }

    private func tookTooLong(
        _ command: HostCommand, _ output: HostCommandResult.Text, _ errors: HostCommandResult.Text, isEnded: Bool
    ) -> HostError {
        let limit = DurationText.human(command.limit)
        return HostError(
            host, .tookTooLong,
            "the command took longer than \(limit), its limit, and "
                + (isEnded ? "was ended" : "nobody knows whether it runs still"),
            output: words(output, errors))
    }

    private func words(_ output: HostCommandResult.Text, _ errors: HostCommandResult.Text) -> String? {
        let text = output.text + errors.text
        return text.isEmpty ? nil : text
    }
}
