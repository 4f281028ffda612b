package import Foundation

/// A whole, checked copy of a ledger.
package struct BackupSummary: Sendable, Codable, Hashable {
    /// Where it is, absolute.
    package var path: String
    /// Its size.
    package var bytes: Int64
    /// SHA-256 of the file, in hexadecimal.
    package var sha256: String
    /// The number of the last audit record in it; 0 when there is none.
    package var auditSequence: Int64
    /// When that record was written.
    package var newestRecord: Date?
}
