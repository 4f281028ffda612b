package import Domain

/// A restore that was done.
package struct RestoreSummary: Sendable, Hashable {
    package var point: RestorePoint
    /// What the backup held.
    package var backup: BackupSummary
    /// Where the ledger is that was there before; nil when there was none.
    package var keptAside: String?
}
