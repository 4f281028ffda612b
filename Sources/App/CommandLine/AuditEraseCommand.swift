import ArgumentParser
import Domain
import Foundation
import Ledger

/// `defimon audit erase`.
struct AuditEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Take the detail out of a record, such as a leaked secret, on record; the bot must not run.",
        discussion: """
            The record itself stays, and so does the proof. Backups and exports that were made before keep the detail.
            """)
    @Argument(help: "The number of the record.") var sequence: Int64
    @Option(help: "Why; it is recorded, so do not repeat the secret.") var reason: String
    @OptionGroup var location: BotLocation

    func validate() throws {
        if reason.isEmpty || reason.utf8.count > 500 {
            throw ValidationError("--reason must have 1 to 500 bytes")
        }
    }

    func run() async throws {
        let path = try location.paths().ledger
        do {
            try await AuditErasing.erase(
                AuditErasure(sequence: sequence, reason: reason), in: path, by: "cli:\(NSUserName())", at: Date())
        } catch let error as LedgerOpenError {
            throw Complaint("\(error). Stop the bot first.", .unreachable)
        } catch {
            throw Complaint("\(error)")
        }
        Terminal.say("the detail of record \(sequence) is erased, on record")
    }
}
