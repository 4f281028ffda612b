/// What is wrong with an audit, and from where on.
package struct AuditProblem: Error, Sendable, Hashable {
    /// What was done to it.
    package enum Kind: String, Sendable, Hashable {
        case altered, removed, inserted, reordered
        /// Records at the end are gone.
        case cutOff = "cut-off"
        /// A detail is gone, and no record says that it was erased.
        case detailRemoved = "detail-removed"
        /// A signature is not that of its key.
        case badSignature = "bad-signature"
        /// Signed by a key to which no signed rotation leads.
        case replacedKey = "replaced-key"
        /// A line of the file of checkpoints is not what was written.
        case checkpointAltered = "checkpoint-altered"
    }

    package var kind: Kind
    /// The first record that is wrong.
    package var sequence: Int64
    /// One sentence for people.
    package var what: String

    package init(_ kind: Kind, at sequence: Int64, _ what: String) {
        self.kind = kind
        self.sequence = sequence
        self.what = what
    }
}
