import Domain

/// Announcements as rows of the outbox.
struct LedgerAnnouncer: TeamAnnouncer {
    /// Places of their own, where each announcement is a message of its own; nil: the team's, as the port says.
    var places: [Place]?
    var definitions: CurrentDefinitions
    var writer: PatientWriter
    var time: any TimeSource
    var outboxSignal: Signal

    func announce(_ report: Report, subject: String, with change: LedgerChange) async throws(LedgerError) {
        let now = time.now
        var change = change
        let slot: OutboxMessage.Slot = places == nil ? .main : .single
        change.writes += (places ?? definitions.value.defaultReport).map {
            .enqueue(OutboxMessage(place: $0, subject: subject, slot: slot, report: report, createdAt: now))
        }
        try await writer.commit(change)
        outboxSignal.fire()
    }
}
