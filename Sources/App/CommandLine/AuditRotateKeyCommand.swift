import ArgumentParser
import Domain
import Ledger

/// `defimon audit rotate-key`.
struct AuditRotateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key",
        abstract: "Make a new key for the audit's checkpoints; a running bot takes it up within a minute, on record.")
    @OptionGroup var location: BotLocation

    func run() async throws {
        let files = try AuditFiles(location)
        do {
            let key = try await AuditKeyFile(path: files.key).makeWaiting()
            Terminal.say(
                "made \(key.fingerprint): a running bot takes it up within a minute, else the next start does. Then keep a"
                    + " copy of \(AuditKeyFile.publicPath(of: files.key)) elsewhere.")
        } catch {
            throw Complaint("\(error)")
        }
    }
}
