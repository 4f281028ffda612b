import Domain
import Foundation

/// What is recorded and told of secrets that were read again.
struct SecretNews {
    /// Under this subject people read of secrets that could not be read.
    static let subject = "secrets/unreadable"

    let found: SecretRereading
    let now: Date

    /// Names only.
    var change: LedgerChange {
        LedgerChange(
            audit: found.rotated.map { entry("secret.rotated", $0, [:]) }
                + found.failures.map { entry("secret.unreadable", $0.name, ["reason": .string($0.reason)]) })
    }

    /// Nil when all could be read.
    var report: Report? {
        guard !found.failures.isEmpty else { return nil }
        let count = found.failures.count
        return Report(
            mood: .warning,
            title: "\(count) secret\(count == 1 ? "" : "s") could not be read again. The old values stay in use.",
            blocks: [.fields(found.failures.prefix(20).map { .init($0.name, $0.reason) })])
    }

    private func entry(_ kind: String, _ name: String, _ detail: JSONValue) -> AuditEntry {
        AuditEntry(time: now, actor: "defimon", kind: kind, subject: "secret/\(name)", detail: detail)
    }
}
