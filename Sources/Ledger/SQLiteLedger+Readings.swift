package import Domain
import Foundation
import GRDB

extension SQLiteLedger {
    /// Why senders are turned away, nil when they are not.
    package var inboxComplaint: String? {
        let fill = queue.fill
        return fill.deliveries < fill.limit
            ? nil : "the inbox is full: \(fill.deliveries) deliveries wait to be written"
    }

    /// What `/metrics` shows of it.
    package func readings() async -> [MetricReading] {
        let fill = queue.fill
        let statistics = statistics
        var readings = [
            MetricReading("defimon_inbox_waiting", "Deliveries that wait to be written.", Double(fill.deliveries)),
            MetricReading(
                "defimon_inbox_limit", "Deliveries that may wait; beyond it senders get 503.", Double(fill.limit)),
            MetricReading(
                "defimon_ledger_changes_waiting", "Changes of jobs and reports that wait to be written.",
                Double(fill.changes)),
            MetricReading(
                "defimon_ledger_commits_total", "Transactions, each with one flush.",
                Double(statistics.commits)),
            MetricReading(
                "defimon_ledger_writes_total", "Deliveries and changes that they held.",
                Double(statistics.writes)),
            MetricReading(
                "defimon_ledger_failures_total", "Transactions that failed as a whole.",
                Double(statistics.failures)),
        ]
        for (name, suffix, help) in [
            ("defimon_ledger_file_bytes", "", "Size of the ledger's file."),
            ("defimon_ledger_wal_bytes", "-wal", "Size of the ledger's write-ahead log."),
        ] {
            // A log that is not there has no size.
            let size = (try? FileManager.default.attributesOfItem(atPath: file.path + suffix))?[.size] as? NSNumber
            readings.append(MetricReading(name, help, size?.doubleValue ?? 0))
        }
        return readings + (await outbox())
    }

    private func outbox() async -> [MetricReading] {
        let now = time.now
        do {
            let (waiting, oldest) = try await file.read { db in
                let count = try db.row("SELECT count(*) AS waiting FROM outbox WHERE state = 'pending'")
                let first = try db.rows(
                    "SELECT id, state, not_before, message FROM outbox WHERE state = 'pending' ORDER BY position LIMIT 1"
                )
                return (count?["waiting"] as Int64? ?? 0, try first.first.map(OutboxMessage.init(row:)))
            }
            let age = oldest.map { now.since($0.createdAt).secondsValue } ?? 0
            return [
                MetricReading("defimon_outbox_waiting", "Messages that wait to be delivered.", Double(waiting)),
                MetricReading(
                    "defimon_outbox_oldest_age_seconds", "Age of the oldest of them.", max(age, 0)),
            ]
        } catch {
            return []  // that the ledger cannot be read is said elsewhere
        }
    }
}
