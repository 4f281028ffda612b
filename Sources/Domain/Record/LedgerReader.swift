package import Foundation

/// Reads the ledger. Called by the engine, the API and the command line; sees what is committed.
package protocol LedgerReader: Sendable {
    /// Deliveries in state `received`, oldest first.
    func undecodedDeliveries(limit: Int) async throws(LedgerError) -> [StoredDelivery]
    func delivery(rowID: Int64) async throws(LedgerError) -> StoredDelivery?
    /// Whether a delivery with this id of its source is stored.
    func hasDelivery(_ deliveryID: String, from source: Source) async throws(LedgerError) -> Bool
    /// Deliveries with this id of the sender's, of any source, oldest first.
    func deliveries(deliveryID: String) async throws(LedgerError) -> [StoredDelivery]
    /// Events of one delivery, by number, and at most 1,000.
    func events(deliveryRowID: Int64) async throws(LedgerError) -> [StoredEvent]
    /// Whether an event with this unique key is stored.
    func hasEvent(uniqueKey: String) async throws(LedgerError) -> Bool
    /// Those of the keys under which an event is stored.
    func storedEvents(among uniqueKeys: [String]) async throws(LedgerError) -> Set<String>
    /// The number of the event with this unique key, nil when none is stored.
    func eventID(uniqueKey: String) async throws(LedgerError) -> Int64?
    func event(id: Int64) async throws(LedgerError) -> StoredEvent?
    /// Newest first.
    func events(limit: Int, before: Int64?) async throws(LedgerError) -> [StoredEvent]
    /// The latest episode of an alert.
    func episode(fingerprint: String) async throws(LedgerError) -> Episode?
    /// Every job that is not final, by number.
    func openJobs() async throws(LedgerError) -> [Job]
    func job(id: JobID) async throws(LedgerError) -> Job?
    /// Newest first.
    func jobs(_ filter: JobFilter) async throws(LedgerError) -> [Job]
    func steps(jobID: JobID) async throws(LedgerError) -> [Step]
    func heldLocks() async throws(LedgerError) -> [HeldLock]
    /// When the last job of this command and guard key that ran by itself ended, nil when none did.
    func lastAutomaticEnd(command: String, guardKey: String) async throws(LedgerError) -> Date?
    /// How many jobs of this command and guard key that ran by themselves have started since then, that moment included.
    func automaticStarts(command: String, guardKey: String, since: Date) async throws(LedgerError) -> Int
    /// Waiting reports that are due, in the order of their numbers, and at most `limit`.
    func dueOutbox(now: Date, limit: Int) async throws(LedgerError) -> [OutboxMessage]
    /// When the next waiting report is due.
    func nextOutboxDue() async throws(LedgerError) -> Date?
    /// The jobs that a rule started since then, the newest `RuleRuns.most` of them, by what became of them.
    func runs(ofRule name: String, since: Date) async throws(LedgerError) -> RuleRuns
    /// Reports of a subject, by number.
    func outbox(subject: String) async throws(LedgerError) -> [OutboxMessage]
    /// How many reports a private place has taken.
    func deliveredCount(privatePlace: Place) async throws(LedgerError) -> Int
    /// The name that the main message of a subject has at its channel.
    func messageReference(place: Place, subject: String) async throws(LedgerError) -> String?
    /// What was saved under this name last, nil when nothing was.
    func note(_ name: String) async throws(LedgerError) -> JSONValue?
    /// Notes whose name begins with a text, by name.
    func notes(under beginning: String) async throws(LedgerError) -> [(name: String, note: JSONValue)]
    /// What is kept under this key, nil when nothing is.
    func keptValue(_ key: String) async throws(LedgerError) -> KeptValue?
    /// Kept values whose key begins with a text, by key, and at most `limit`; those larger than `KeptValue.largestShown`
    /// without their value.
    func keptValues(under beginning: String, limit: Int) async throws(LedgerError) -> [KeptValue]
    /// Newest first.
    func audit(_ filter: AuditFilter) async throws(LedgerError) -> [AuditRecord]
    /// Walks the hash chain from its first record. Returns the number of records, or says what is wrong where.
    func verifyAudit() async throws(LedgerError) -> AuditVerdict
}

/// A delivery as the ledger holds it.
package struct StoredDelivery: Sendable {
    package var rowID: Int64
    package var delivery: Delivery
    package var deliveryID: String?
    package var state: DeliveryState
    /// How often it came again.
    package var repeats: Int64
    package var note: String?

    package init(
        rowID: Int64, delivery: Delivery, deliveryID: String?, state: DeliveryState, repeats: Int64, note: String?
    ) {
        self.rowID = rowID
        self.delivery = delivery
        self.deliveryID = deliveryID
        self.state = state
        self.repeats = repeats
        self.note = note
    }
}

/// An event as the ledger holds it.
package struct StoredEvent: Sendable {
    package var id: Int64
    package var deliveryRowID: Int64
    package var event: Event
    package var repeats: Int64
    /// Every rule considered, which matcher said no, and what it saw.
    package var explanation: JSONValue

    package init(id: Int64, deliveryRowID: Int64, event: Event, repeats: Int64, explanation: JSONValue) {
        self.id = id
        self.deliveryRowID = deliveryRowID
        self.event = event
        self.repeats = repeats
        self.explanation = explanation
    }
}

/// Which jobs are asked for.
package struct JobFilter: Sendable {
    package var states: Set<JobState>?
    package var command: String?
    package var eventID: Int64?
    package var before: JobID?
    /// At most 1,000.
    package var limit: Int

    package init(
        states: Set<JobState>? = nil, command: String? = nil, eventID: Int64? = nil, before: JobID? = nil,
        limit: Int = 50
    ) {
        self.states = states
        self.command = command
        self.eventID = eventID
        self.before = before
        self.limit = min(max(limit, 1), 1000)
    }
}

/// Which audit records are asked for.
package struct AuditFilter: Sendable {
    package var actor: String?
    /// A kind or, ending in a dot, its beginning: `job.`.
    package var kind: String?
    package var subject: String?
    /// A job, with its steps and its reports.
    package var job: JobID?
    /// Jobs of this command.
    package var command: String?
    /// Jobs that lock this pool or are asked for it.
    package var pool: String?
    package var since: Date?
    /// The first moment that is not asked for.
    package var until: Date?
    package var before: Int64?
    /// Only records with greater numbers.
    package var after: Int64?
    /// A kind that is left out.
    package var exceptKind: String?
    /// A subject that is left out.
    package var exceptSubject: String?
    /// At most 1,000.
    package var limit: Int

    package init(
        actor: String? = nil, kind: String? = nil, subject: String? = nil, job: JobID? = nil, command: String? = nil,
        pool: String? = nil, since: Date? = nil, until: Date? = nil, before: Int64? = nil, after: Int64? = nil,
        exceptKind: String? = nil, exceptSubject: String? = nil, limit: Int = 50
    ) {
        self.actor = actor
        self.kind = kind
        self.subject = subject
        self.job = job
        self.command = command
        self.pool = pool
        self.since = since
        self.until = until
        self.before = before
        self.after = after
        self.exceptKind = exceptKind
        self.exceptSubject = exceptSubject
        self.limit = min(max(limit, 1), 1000)
    }
}

/// What a walk over the audit chain found.
package enum AuditVerdict: Sendable, Hashable {
    case intact(records: Int64)
    case broken(sequence: Int64, what: String)
}
