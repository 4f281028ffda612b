import ArgumentParser
import Domain
import Foundation
import Ledger
import Logging

/// `defimon restore --from FILE`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the ledger's place; the bot must be stopped. The old ledger is kept beside it.")

    @Option(help: "The backup.")
    var from: String

    @Option(help: "The ledger's file. Else the one that the settings name.")
    var ledger: String?

    @OptionGroup var location: BotLocation

    func run() async throws {
        let ledger = URL(filePath: try self.ledger ?? location.paths().ledger).path
        let summary: RestoreSummary
        do {
            summary = try await LedgerRestore.restore(
                from, to: ledger, by: NSUserName(), time: SystemTime(), logger: Logger(label: "defimon"))
        } catch let error as BackupError {
            throw Complaint("nothing was restored: \(error)", .failed)
        }
        let kept = summary.keptAside.map { "The old ledger is kept: \($0)\n" } ?? ""
        let dropped = summary.point.droppedReports
        let reports =
            dropped == 0
            ? ""
            : "Reports that waited in it and are not delivered again: \(dropped) (defimon audit list --kind report.dropped)\n"
        Terminal.say(
            """
            \(ledger) is restored from \(summary.point.from)
            It holds what happened until \(summary.point.madeAt.rfc3339) (audit record \(summary.point.sequence)).
            \(kept)\(reports)The bot starts frozen. What was under way is unknown then: look what became of it, then: defimon thaw
            """)
    }
}
