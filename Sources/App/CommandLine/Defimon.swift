import ArgumentParser
import Foundation

/// The command line.
struct Defimon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "defimon",
        abstract: "A chat-ops and webhook bot for platform teams.",
        version: Defimon.version,
        subcommands: [
            SandboxCommand.self, ServeCommand.self, CheckCommand.self, RunCommand.self, SendCommand.self,
            SchemaCommand.self, BacktestCommand.self, ExplainCommand.self, JobsCommand.self, AuditCommand.self,
            ReloadCommand.self,
            FreezeCommand.self, ThawCommand.self, ApproveCommand.self, DenyCommand.self, BackupCommand.self,
            RestoreCommand.self, SecretsCommand.self,
        ])

    static let version = "0.1.0"

    /// Parses and runs, and ends the process with our exit codes.
    static func start(_ arguments: [String]? = nil) async -> Never {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            Foundation.exit(ExitStatus.done.rawValue)
        } catch let complaint as Complaint {
            Terminal.complain("defimon: \(complaint.message)")
            Foundation.exit(complaint.status.rawValue)
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if code.isSuccess {
                Terminal.say(message)
                Foundation.exit(ExitStatus.done.rawValue)
            }
            Terminal.complain(message)
            // ArgumentParser's own code for usage is 64 (sysexits.h).
            Foundation.exit(code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failed.rawValue)
        }
    }
}

/// The program's entry.
package enum Program {
    /// Reads the process's arguments, runs, and ends the process.
    package static func start() async -> Never { await Defimon.start() }
}
