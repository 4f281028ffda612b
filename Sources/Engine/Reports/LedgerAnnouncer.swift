import Domain

/// Announcements as rows of the outbox.
struct LedgerAnnouncer: TeamAnnouncer {
    var definitions: CurrentDefinitions
    var writer: PatientWriter
    var time: any TimeSource
    var outboxSignal: Signal

    func announce(_ report: Report, subject: String, with change: LedgerChange) async throws(LedgerError) {
        let now = time.now
        var change = change
        change.writes += definitions.value.defaultReport.map {
            .enqueue(OutboxMessage(place: $0, subject: subject, slot: .main, report: report, createdAt: now))
        }
        try await writer.commit(change)
        outboxSignal.fire()
    }
}
