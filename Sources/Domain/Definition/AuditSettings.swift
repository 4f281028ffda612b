/// Where the audit's proof is kept, and who is told of it.
package struct AuditSettings: Sendable, Hashable {
    /// The private key's file; the public one lies beside it.
    package var keyPath: String
    /// The file of signed checkpoints.
    package var checkpointsPath: String
    /// Places that are told of checkpoints; none: those of the settings' `report`.
    package var reportTo: [Place]

    /// Nil takes what is usual beside the ledger.
    package init(key: String? = nil, checkpoints: String? = nil, reportTo: [Place] = [], ledger: String) {
        keyPath = key ?? AuditSettings.key(beside: ledger)
        checkpointsPath = checkpoints ?? AuditSettings.checkpoints(beside: ledger)
        self.reportTo = reportTo
    }

    /// The usual key of a ledger.
    package static func key(beside ledger: String) -> String { ledger + ".audit-key" }

    /// The usual file of checkpoints of a ledger.
    package static func checkpoints(beside ledger: String) -> String { ledger + ".checkpoints" }
}
