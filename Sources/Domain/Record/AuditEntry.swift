package import Foundation

/// One thing that happened, as it is handed to the ledger, which gives it its number and its place in the hash chain.
package struct AuditEntry: Sendable, Hashable {
    package var time: Date
    /// A person's id, a source, a rule, or `defimon`.
    package var actor: String
    /// What happened: `job.started`, `delivery.refused`.
    package var kind: String
    /// What it happened to: `job/42`, `delivery/17`, `rule/geth-down`.
    package var subject: String
    /// Redacted by the ledger before it is stored.
    package var detail: JSONValue

    package init(time: Date, actor: String, kind: String, subject: String, detail: JSONValue = [:]) {
        self.time = time
        self.actor = actor
        self.kind = kind
        self.subject = subject
        self.detail = detail
    }
}

/// An audit record as the ledger holds it.
package struct AuditRecord: Sendable, Codable, Hashable {
    package var sequence: Int64
    package var time: Date
    package var actor: String
    package var kind: String
    package var subject: String
    package var detail: JSONValue
    /// SHA-256 of the record before, in hexadecimal.
    package var previousHash: String
    /// SHA-256 of this record, in hexadecimal.
    package var hash: String

    package init(
        sequence: Int64, time: Date, actor: String, kind: String, subject: String, detail: JSONValue,
        previousHash: String, hash: String
    ) {
        self.sequence = sequence
        self.time = time
        self.actor = actor
        self.kind = kind
        self.subject = subject
        self.detail = detail
        self.previousHash = previousHash
        self.hash = hash
    }
}
