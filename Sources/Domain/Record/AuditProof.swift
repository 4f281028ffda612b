package import Foundation

/// What a walk over the audit has shown.
package struct AuditProof: Sendable, Hashable {
    /// The first record that was looked at.
    package var first: Int64 = 1
    /// How many records, from the first, are each bound to the one before.
    package var records: Int64 = 0
    /// The first thing that is wrong; nil when nothing is.
    package var problem: AuditProblem?
    /// Everything up to this record is what was signed; nil without a key or a checkpoint.
    package var provenThrough: Int64?
    /// When that checkpoint was signed.
    package var provenAt: Date?
    /// The fingerprint of the key that signed it.
    package var key: String?
    /// Checkpoints in the chain.
    package var checkpoints = 0
    /// Lines of the file of checkpoints; nil when none was looked at.
    package var lines: Int?
    /// Details that are gone, each with a record that says why.
    package var erased = 0
    /// Lines about records that went when the ledger was restored from a backup, on record.
    package var superseded = 0

    package init() {}

    /// The newest record that was looked at.
    package var last: Int64 { first + records - 1 }
}
