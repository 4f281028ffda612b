import Domain
import Foundation
import Synchronization

/// A ledger of one job, one event and one audit record; remembers what it was asked.
final class FakeReader: LedgerReader {
    struct Asked {
        var jobs: JobFilter?
        var audit: AuditFilter?
    }

    private let state = Mutex<(asked: Asked, error: LedgerError?)>((Asked(), nil))

    var asked: Asked { state.withLock { $0.asked } }
    func fail(with error: LedgerError) { state.withLock { $0.error = error } }

    private func check() throws(LedgerError) {
        if let error = state.withLock({ $0.error }) { throw error }
    }

    static let moment = Date(microseconds: 1_790_000_000_000_123)

    static var job: Job {
        var job = Job(
            id: 42, command: "deploy", definitionsHash: "abc", arguments: ["pool": "analytics"],
            commandLine: "deploy analytics",
            requester: .person(id: "alice", identity: Identity(channel: "slack", userID: "U1")), eventID: 5,
            isPlanOnly: false,
            locks: [LockRequest(path: "pool/analytics"), LockRequest(path: "dns", mode: .shared)], state: .timedOut,
            createdAt: moment, startBefore: moment.advanced(by: .seconds(60)), timeoutMilliseconds: 1500,
            reportTo: [Place(channel: "slack", address: "#ops")],
            answerTo: Place(channel: "slack", address: "https://hooks.example/private", isPrivate: true))
        job.startedAt = moment
        return job
    }

    func undecodedDeliveries(limit: Int) async throws(LedgerError) -> [StoredDelivery] { [] }
    func delivery(rowID: Int64) async throws(LedgerError) -> StoredDelivery? { nil }
    func hasDelivery(_ deliveryID: String, from source: Source) async throws(LedgerError) -> Bool { false }
    func deliveries(deliveryID: String) async throws(LedgerError) -> [StoredDelivery] { [] }
    func events(deliveryRowID: Int64) async throws(LedgerError) -> [StoredEvent] { [] }
    func deliveredCount(privatePlace: Place) async throws(LedgerError) -> Int { 0 }
    func note(_ name: String) async throws(LedgerError) -> JSONValue? { nil }
    func notes(under beginning: String) async throws(LedgerError) -> [(name: String, note: JSONValue)] { [] }
    func keptValue(_ key: String) async throws(LedgerError) -> KeptValue? { nil }
    func keptValues(under beginning: String, limit: Int) async throws(LedgerError) -> [KeptValue] { [] }
    func hasEvent(uniqueKey: String) async throws(LedgerError) -> Bool { false }
    func storedEvents(among uniqueKeys: [String]) async throws(LedgerError) -> Set<String> { [] }
    func eventID(uniqueKey: String) async throws(LedgerError) -> Int64? { nil }
    func event(id: Int64) async throws(LedgerError) -> StoredEvent? {
        try check()
        guard id == 5 else { return nil }
        let request = CommandRequest(
            text: "deploy analytics", identity: Identity(channel: "slack", userID: "U1"),
            answerTo: Place(channel: "slack", address: "https://hooks.example/private", isPrivate: true), reportTo: nil)
        return StoredEvent(
            id: 5, deliveryRowID: 4,
            event: Event(
                source: Source("slack"), kind: "command", contentKey: "k", subject: "/defimon deploy analytics",
                occurredAt: FakeReader.moment, attributes: ["text": "deploy analytics"], origin: .request(request)),
            repeats: 1, explanation: [["rule": "r", "outcome": "no match"]])
    }
    func events(limit: Int, before: Int64?) async throws(LedgerError) -> [StoredEvent] {
        guard let event = try await event(id: 5) else { return [] }
        return [event]
    }
    func episode(fingerprint: String) async throws(LedgerError) -> Episode? { nil }
    func runs(ofRule name: String, since: Date) async throws(LedgerError) -> RuleRuns { RuleRuns() }
    func openJobs() async throws(LedgerError) -> [Job] { [] }
    func job(id: JobID) async throws(LedgerError) -> Job? {
        try check()
        return id == 42 ? FakeReader.job : nil
    }
    func jobs(_ filter: JobFilter) async throws(LedgerError) -> [Job] {
        try check()
        state.withLock { $0.asked.jobs = filter }
        return [FakeReader.job]
    }
    func steps(jobID: JobID) async throws(LedgerError) -> [Step] {
        var step = Step(
            jobID: jobID, index: 0, name: "Apply", stepID: "apply", action: "kubernetes.apply", isOnFailure: false,
            state: .failed, idempotencyKey: "00000000-0000-4000-8000-000000000000")
        step.attempt = 2
        step.error = "the server said no"
        return [step]
    }
    func heldLocks() async throws(LedgerError) -> [HeldLock] { [] }
    func lastAutomaticEnd(command: String, guardKey: String) async throws(LedgerError) -> Date? { nil }
    func automaticStarts(command: String, guardKey: String, since: Date) async throws(LedgerError) -> Int { 0 }
    func dueOutbox(now: Date, limit: Int) async throws(LedgerError) -> [OutboxMessage] { [] }
    func nextOutboxDue() async throws(LedgerError) -> Date? { nil }
    func outbox(subject: String) async throws(LedgerError) -> [OutboxMessage] {
        guard subject == "job/42" else { return [] }
        return [
            OutboxMessage(
                place: Place(channel: "slack", address: "https://hooks.example/private", isPrivate: true),
                subject: subject, slot: .main, report: Report(mood: .failure, title: "It failed"),
                createdAt: FakeReader.moment)
        ]
    }
    func messageReference(place: Place, subject: String) async throws(LedgerError) -> String? { nil }
    func audit(_ filter: AuditFilter) async throws(LedgerError) -> [AuditRecord] {
        try check()
        state.withLock { $0.asked.audit = filter }
        return [
            AuditRecord(
                sequence: 9, time: FakeReader.moment, actor: "alice", kind: "job.started", subject: "job/42",
                detail: ["token": "hunter-two-22", "n": 1], previousHash: "aa", hash: "bb")
        ]
    }
    func verifyAudit() async throws(LedgerError) -> AuditVerdict { .intact(records: 0) }
}
