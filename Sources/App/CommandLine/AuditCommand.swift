import ArgumentParser

/// `defimon audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "What happened, and the proof that nobody altered it.",
        subcommands: [
            AuditListCommand.self, AuditVerifyCommand.self, AuditExportCommand.self, AuditEraseCommand.self,
            AuditRotateKeyCommand.self,
        ], defaultSubcommand: AuditListCommand.self)
}
