package import Foundation

/// An audit record as the API and the command line show it.
package struct AuditListing: Sendable, Codable, Hashable {
    package var sequence: Int64
    package var time: Date
    package var actor: String
    package var kind: String
    package var subject: String
    package var detail: JSONValue
    /// SHA-256, in hexadecimal.
    package var previousHash: String
    /// SHA-256, in hexadecimal.
    package var hash: String

    package init(_ record: AuditRecord) {
        sequence = record.sequence
        time = record.time
        actor = record.actor
        kind = record.kind
        subject = record.subject
        detail = record.detail
        previousHash = record.previousHash
        hash = record.hash
    }

    private enum CodingKeys: String, CodingKey {
        case sequence, time, actor, kind, subject, detail, hash
        case previousHash = "previous_hash"
    }
}

/// Audit records, newest first.
package struct AuditPage: Sendable, Codable, Hashable {
    package var records: [AuditListing]
    /// What to ask as `before` for the next page; nil when there is none.
    package var nextBefore: Int64?

    /// `limit` is what was asked for: a full page has a next one.
    package init(_ records: [AuditRecord], limit: Int) {
        self.records = records.map(AuditListing.init)
        nextBefore = records.count >= limit ? records.last?.sequence : nil
    }

    private enum CodingKeys: String, CodingKey {
        case records
        case nextBefore = "next_before"
    }
}
