/// Tells the whole team something that belongs to no job. Called by what works in the background (sweeps, backups,
/// watches); the engine implements it, and may not run yet: what is told is in the ledger when the call returns.
package protocol TeamAnnouncer: Sendable {
    /// Puts the report into every place of the settings' `report`, together with `change` in one transaction. A newer
    /// report on a subject replaces the message of the one before.
    func announce(_ report: Report, subject: String, with change: LedgerChange) async throws(LedgerError)
}
