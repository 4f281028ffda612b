import ArgumentParser
import Domain
import Foundation
import Ledger

/// `defimon backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the ledger, whether a bot runs on it or not; the copy is checked.")

    @Option(help: "The file or folder to write to. Else the folder backups beside the ledger.")
    var to: String?

    @Option(help: "The ledger's file. Else the one that the settings name.")
    var ledger: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var location: BotLocation

    func run() async throws {
        let ledger = try self.ledger ?? location.paths().ledger
        let summary: BackupSummary
        do {
            summary = try await LedgerBackup.make(of: ledger, to: try destination(ledger))
        } catch let error as BackupError {
            throw Complaint("no backup was made: \(error)", .failed)
        }
        if json { return try Terminal.json(summary) }
        Terminal.say(
            """
            \(summary.path)
            \(summary.bytes) bytes, checked; audit records up to \(summary.auditSequence)
            sha256 \(summary.sha256)
            """)
    }

    private func destination(_ ledger: String) throws -> String {
        let name = LedgerBackup.name(at: Date())
        guard let to else {
            let folder = BackupSettings.usualFolder(beside: ledger)
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw Complaint("no backup was made: the folder \(folder) cannot be made", .failed)
            }
            return "\(folder)/\(name)"
        }
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: to, isDirectory: &isFolder)
        return isThere && isFolder.boolValue ? "\(to)/\(name)" : to
    }
}
