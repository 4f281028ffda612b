/// A detail that had to go, such as a leaked secret: what its audit record says.
package struct AuditErasure: Sendable, Hashable {
    /// The kind of its audit record.
    package static let kind = "audit.detail-erased"

    /// The record whose detail is gone.
    package var sequence: Int64
    package var reason: String

    package init(sequence: Int64, reason: String) {
        self.sequence = sequence
        self.reason = reason
    }

    /// What its record is about.
    package var subject: String { "audit/\(sequence)" }

    package var detail: JSONValue { ["erased": .int(sequence), "reason": .string(reason)] }

    /// Reads the detail; nil for anything else.
    package init?(_ detail: JSONValue?) {
        guard let sequence = detail?["erased"]?.intValue else { return nil }
        self.init(sequence: Int64(sequence), reason: detail?["reason"]?.stringValue ?? "")
    }
}
