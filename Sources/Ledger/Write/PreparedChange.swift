import Domain

/// A change as it will be bound to its statements. Made in the caller's task, so that the writer only writes.
struct PreparedChange: Sendable {
    /// A write with its values that are stored as JSON.
    enum Write: Sendable {
        case finishDelivery(rowID: Int64, state: DeliveryState, note: String?)
        case insertEvent(EventRow)
        case countEvent(uniqueKey: String)
        case saveEpisode(Episode)
        case saveJob(Job, variables: PackedText, rest: PackedText)
        case saveStep(Step, PackedText)
        case takeLocks(jobID: JobID, fencing: Int64, [LockRequest])
        case releaseLocks(jobID: JobID)
        case enqueue(OutboxMessage, PackedText)
        case saveOutbox(OutboxMessage, PackedText, reference: String?)
        case saveNote(String, PackedText?)
        case keep(KeptValue, PackedText, fencing: Int64)
        case forget(key: String, jobID: JobID, fencing: Int64)
    }

    struct EventRow: Sendable {
        var id: Int64
        var deliveryRowID: Int64
        var uniqueKey: String
        var event: Event
        var origin: String
        var attributes: PackedText
        var explanation: PackedText
        var recordedAt: Int64
    }

    let writes: [Write]
    let audit: [PreparedAudit]

    init(_ change: LedgerChange, redactor: Redactor, now: Int64) throws(LedgerError) {
        var writes: [Write] = []
        writes.reserveCapacity(change.writes.count)
        for write in change.writes { writes.append(try Write(write, now: now)) }
        self.writes = writes
        audit = change.audit.map { PreparedAudit($0, redactor: redactor) }
    }
}

extension PreparedChange.Write {
    init(_ write: LedgerWrite, now: Int64) throws(LedgerError) {
        switch write {
        case .finishDelivery(let rowID, let state, let note):
            self = .finishDelivery(rowID: rowID, state: state, note: note)
        case .insertEvent(let id, let deliveryRowID, let uniqueKey, let event, let explanation):
            self = .insertEvent(
                PreparedChange.EventRow(
                    id: id, deliveryRowID: deliveryRowID, uniqueKey: uniqueKey, event: event,
                    origin: try LedgerJSON.text(event.origin, of: "event \(id)"),
                    attributes: PackedText(event.attributes.canonicalText),
                    explanation: PackedText(explanation.canonicalText), recordedAt: now))
        case .countEvent(let uniqueKey): self = .countEvent(uniqueKey: uniqueKey)
        case .saveEpisode(let episode): self = .saveEpisode(episode)
        case .saveJob(let job):
            var rest = job
            rest.variables = [:]
            self = .saveJob(
                job, variables: PackedText(JSONValue.object(job.variables).canonicalText),
                rest: PackedText(try LedgerJSON.text(rest, of: "job \(job.id)")))
        case .saveStep(let step):
            self = .saveStep(
                step, PackedText(try LedgerJSON.text(step, of: "step \(step.index) of job \(step.jobID)")))
        case .takeLocks(let jobID, let fencing, let locks):
            self = .takeLocks(jobID: jobID, fencing: fencing, locks)
        case .releaseLocks(let jobID): self = .releaseLocks(jobID: jobID)
        case .enqueue(let message):
            self = .enqueue(message, PackedText(try LedgerJSON.text(message, of: "a report on \(message.subject)")))
        case .saveOutbox(let message, let reference):
            self = .saveOutbox(
                message, PackedText(try LedgerJSON.text(message, of: "report \(message.id)")), reference: reference)
        case .saveNote(let name, let note):
            self = .saveNote(name, note == .null ? nil : PackedText(note.canonicalText))
        case .keep(var kept, let fencing):
            let text = (kept.value ?? .null).canonicalText
            kept.size = text.utf8.count
            kept.value = nil
            if let problem = KeptValue.problem(ofKey: kept.key) { throw .conflict(problem) }
            guard kept.size <= KeptValue.largest else {
                throw .conflict("the value of \(kept.key) is larger than \(KeptValue.largest) bytes")
            }
            self = .keep(kept, PackedText(text), fencing: fencing)
        case .forget(let key, let jobID, let fencing): self = .forget(key: key, jobID: jobID, fencing: fencing)
        }
    }
}
