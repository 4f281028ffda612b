import Domain

/// The files of an audit: those that the settings name, or those beside a ledger.
struct AuditFiles {
    var ledger: String
    var key: String
    var checkpoints: String

    /// With `ledger`, no settings are read.
    init(_ location: BotLocation, ledger: String? = nil) throws {
        if let ledger {
            self.ledger = ledger
            key = AuditSettings.key(beside: ledger)
            checkpoints = AuditSettings.checkpoints(beside: ledger)
            return
        }
        let path = try location.paths().ledger
        self.ledger = path
        key = try location.path("key", in: "audit") ?? AuditSettings.key(beside: path)
        checkpoints = try location.path("checkpoints", in: "audit") ?? AuditSettings.checkpoints(beside: path)
    }
}
