import Domain
import Foundation

/// `maintenance`: people work on a pool, and what runs by itself keeps off it.
extension BuiltInDesk {
    func maintenance(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard let pool = work.words.first else { return accepted(maintenanceList) }
        if let refusal = try await refusal(work) { return refusal }
        guard poolNames.contains(pool) else {
            let nearest = NearestName.of(pool, in: poolNames).map { " — did you mean '\($0)'?" } ?? ""
            return refused(
                "There is no pool '\(pool.prefix(80))'\(nearest). Usage: /defimon \(BuiltIn.maintenance.usage)")
        }
        if work.words.dropFirst().first == "end" { return try await endMaintenance(pool, work) }
        guard work.words.count >= 2, let span = DurationText.parse(work.words[1]), Maintenance.bounds.contains(span)
        else {
            return refused(
                "How long? Give from 1m to 7d, for example 2h. Usage: /defimon \(BuiltIn.maintenance.usage)")
        }
        let reason = String(work.words.dropFirst(2).joined(separator: " ").prefix(BuiltInDesk.longestReason))
        guard !reason.isEmpty else { return refused("Why? Usage: /defimon \(BuiltIn.maintenance.usage)") }
        let entry = Maintenance(
            pool: pool, by: work.person.id, from: time.now, until: time.now.advanced(by: span), reason: reason)
        let report = Report(
            mood: .warning,
            title: "\(pool) is in maintenance until \(PersonTime.text(entry.until)), by \(entry.by): \(reason)",
            blocks: [
                .text(
                    "What rules and schedules would start there waits until then, is left out, or asks, as its definition says. What people type runs. /defimon maintenance \(pool) end ends it earlier."
                )
            ])
        try await announcer.announce(
            report, subject: entry.noteName,
            with: change(
                entry.json, "maintenance.began", work, pool,
                ["reason": .string(reason), "until": .string(entry.until.rfc3339)]))
        board.maintenance.set(entry)
        return accepted(report)
    }

    private func endMaintenance(_ pool: String, _ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard let entry = board.maintenance.all(time.now).first(where: { $0.pool == pool }) else {
            return refused("\(pool) is not in maintenance.")
        }
        let report = Report(
            mood: .info, title: "\(work.person.id) has ended the maintenance of \(pool)",
            blocks: [
                .text(
                    "It was to last until \(PersonTime.text(entry.until)): \(entry.reason). What waited is looked at now."
                )
            ])
        try await announcer.announce(
            report, subject: entry.noteName,
            with: change(.null, "maintenance.ended", work, pool, ["reason": .string(entry.reason)]))
        board.maintenance.remove(pool)
        board.queueSignal.fire()
        return accepted(report)
    }

    private var maintenanceList: Report {
        let all = board.maintenance.all(time.now)
        return Report(
            mood: .info, title: all.isEmpty ? "No pool is in maintenance." : "In maintenance",
            blocks: all.isEmpty
                ? []
                : [.fields(all.map { .init($0.pool, "until \(PersonTime.text($0.until)), by \($0.by): \($0.reason)") })]
        )
    }

    private func change(
        _ note: JSONValue, _ kind: String, _ work: RequestDesk.Work, _ pool: String, _ detail: JSONValue
    )
        -> LedgerChange
    {
        LedgerChange(
            [.saveNote(Maintenance.note + pool, note)],
            audit: [
                AuditEntry(
                    time: time.now, actor: work.person.id, kind: kind, subject: "pool/\(pool)",
                    detail: detail)
            ])
    }
}
