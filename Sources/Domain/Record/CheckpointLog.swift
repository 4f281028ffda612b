/// Where signed checkpoints are kept outside the ledger. Called by the engine, line by line; what it holds is never
/// changed. Throws `AuditSealError`.
package protocol CheckpointLog: Sendable {
    /// Returns when the line is flushed to disk.
    func append(_ line: String) async throws(AuditSealError)
    /// The newest whole line, nil when there is none.
    func lastLine() async throws(AuditSealError) -> String?
}
