package import Foundation

/// One write to the ledger: wholly or not at all, in one transaction with others that wait at the same time.
package struct LedgerChange: Sendable {
    package var writes: [LedgerWrite]
    package var audit: [AuditEntry]

    package init(_ writes: [LedgerWrite] = [], audit: [AuditEntry] = []) {
        self.writes = writes
        self.audit = audit
    }

    package var isEmpty: Bool { writes.isEmpty && audit.isEmpty }

    /// Adds another change to this one.
    package mutating func merge(_ other: LedgerChange) {
        writes += other.writes
        audit += other.audit
    }
}

/// A part of a change.
package enum LedgerWrite: Sendable {
    /// A delivery's events are known, or why there are none: it is not looked at again.
    case finishDelivery(rowID: Int64, state: DeliveryState, note: String?)
    /// A new event, with what each rule made of it. `id` was reserved.
    case insertEvent(id: Int64, deliveryRowID: Int64, uniqueKey: String, event: Event, explanation: JSONValue)
    /// An event came again: only its counter is raised.
    case countEvent(uniqueKey: String)
    /// Inserts or replaces an alert's latest episode.
    case saveEpisode(Episode)
    /// Inserts a job (version 1) or replaces one whose stored version is one less; else the whole change is refused
    /// with `LedgerError.conflict`.
    case saveJob(Job)
    /// Inserts or replaces a step.
    case saveStep(Step)
    /// Takes locks for a job. The whole change is refused with `LedgerError.conflict` when one of them conflicts with
    /// a lock of another job.
    case takeLocks(jobID: JobID, fencing: Int64, [LockRequest])
    case releaseLocks(jobID: JobID)
    /// Puts a report into the outbox. A `main` message replaces one of the same place and subject that still waits.
    case enqueue(OutboxMessage)
    /// A report was tried: its state, attempts, times and error are stored; with a reference, the message's name at
    /// its channel (for `main` messages).
    case saveOutbox(OutboxMessage, reference: String?)
    /// What a part of the bot must know after a restart, under a name of its own (`sweep/github`); null removes it.
    case saveNote(String, JSONValue)
    /// Keeps a value, in the place of what was under its key. The whole change is refused with `LedgerError.conflict`
    /// when its job does not run, or its locks were taken over under a later lease than `fencing`, or a new key would be
    /// one of more than `KeptValue.mostKeys`.
    case keep(KeptValue, fencing: Int64)
    /// Keeps nothing under this key any more; refused as `keep` is.
    case forget(key: String, jobID: JobID, fencing: Int64)
}

/// How far a delivery is.
package enum DeliveryState: String, Sendable, Codable, Hashable {
    case received, decoded, undecodable
}

/// An alert from its first firing to its resolve.
package struct Episode: Sendable, Codable, Hashable {
    package var fingerprint: String
    /// From 1, counted per fingerprint.
    package var number: Int64
    package var startedAt: Date
    package var resolvedAt: Date?
    package var lastSeenAt: Date
    package var subject: String

    package init(
        fingerprint: String, number: Int64, startedAt: Date, resolvedAt: Date?, lastSeenAt: Date, subject: String
    ) {
        self.fingerprint = fingerprint
        self.number = number
        self.startedAt = startedAt
        self.resolvedAt = resolvedAt
        self.lastSeenAt = lastSeenAt
        self.subject = subject
    }
}

/// Why the ledger did not take a write or could not answer.
package enum LedgerError: Error, Sendable, Hashable {
    /// It cannot be written now: disk full, locked, read-only. Nothing was written.
    case unavailable(String)
    /// Too many writes wait. Nothing was written.
    case overloaded
    /// A row is not what the change expected. Nothing of the change was written.
    case conflict(String)
    /// The bot is shutting down. Nothing was written.
    case closed
}

/// The one way to write to the ledger. Called by the engine and the ingress; a caller's cancellation never reaches it,
/// and it returns when the change is committed and flushed.
package protocol LedgerWriter: Sendable {
    func commit(_ change: LedgerChange) async throws(LedgerError)
}

/// Numbers for rows that a change is about to insert, so that its parts can name each other. A number that is never
/// written leaves a gap.
package protocol LedgerNumbers: Sendable {
    func nextJobID() -> JobID
    func nextEventID() -> Int64
    func nextFencing() -> Int64
}
