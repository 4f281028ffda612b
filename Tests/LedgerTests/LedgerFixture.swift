import Domain
import Foundation
import Ledger
import Logging
import TestSupport

/// Opens a ledger, runs its service while the body runs, and ends it.
func withLedger<Value: Sendable>(
    at path: String, redactor: Redactor = Redactor(), time: any TimeSource = SystemTime(), queueLimit: Int = 4096,
    _ body: @escaping @Sendable (SQLiteLedger) async throws -> Value
) async throws -> Value {
    let ledger = try openLedger(at: path, redactor: redactor, time: time, queueLimit: queueLimit)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await ledger.run() }
        let result: Result<Value, any Error>
        do { result = .success(try await body(ledger)) } catch { result = .failure(error) }
        group.cancelAll()
        try await group.waitForAll()
        return try result.get()
    }
}

/// The same in a folder of its own.
func withLedger<Value: Sendable>(
    redactor: Redactor = Redactor(), time: any TimeSource = SystemTime(), queueLimit: Int = 4096,
    _ body: @escaping @Sendable (SQLiteLedger) async throws -> Value
) async throws -> Value {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try await withLedger(
        at: folder.path("ledger.sqlite"), redactor: redactor, time: time, queueLimit: queueLimit, body)
}

func openLedger(
    at path: String, redactor: Redactor = Redactor(), time: any TimeSource = SystemTime(), queueLimit: Int = 4096
) throws -> SQLiteLedger {
    try SQLiteLedger(
        path: path, redactor: redactor, time: time, queueLimit: queueLimit,
        logger: Logger(label: "test") { _ in
            SwiftLogNoOpLogHandler()
        })
}

/// Believes everybody.
struct TrustingVerifier: DeliveryVerifier {
    var id: String?
    var sender = "shared-secret"
    func proof(of delivery: Delivery) throws(Refusal) -> DeliveryProof {
        DeliveryProof(deliveryID: id, sender: sender)
    }
}

/// The time of most fixtures, whole in microseconds.
let noon = Date(microseconds: 1_790_000_000_123_457)

func verified(
    _ body: String = #"{"ok":true}"#, id: String? = nil,
    headers: [String: String] = ["content-type": "application/json"],
    source: Source = Source("github"), receivedAt: Date = noon
) throws -> VerifiedDelivery {
    try TrustingVerifier(id: id).verify(
        Delivery(
            source: source, route: "push", headers: headers, body: Array(body.utf8), receivedAt: receivedAt,
            remoteAddress: "192.0.2.7"))
}

func anEvent(_ key: String = "key", attributes: JSONValue = ["a": 1]) -> Event {
    Event(
        source: Source("github"), kind: "push", contentKey: key, subject: "push to main", occurredAt: noon,
        attributes: attributes, origin: .notice)
}

func aJob(_ id: JobID, version: Int64 = 1, state: JobState = .queued) -> Job {
    var job = Job(
        id: id, command: "deploy", definitionsHash: "abc", arguments: ["pool": "analytics", "count": 3, "none": .null],
        commandLine: "deploy analytics",
        requester: .person(id: "ada", identity: Identity(channel: "slack", userID: "U1")), eventID: 7,
        isPlanOnly: false, locks: [LockRequest(path: "pool/analytics")], state: state, createdAt: noon,
        startBefore: Date(microseconds: noon.microseconds + 900_000_001), timeoutMilliseconds: 60_000,
        reportTo: [Place(channel: "slack", address: "#ops")],
        answerTo: Place(channel: "slack", address: "https://hooks.example/T0/secret", isPrivate: true))
    job.version = version
    job.variables = ["event": ["labels": ["instance": "geth-0"]], "ratio": .double(0.25)]
    job.guardKey = "geth-0"
    return job
}

func aRuleJob(_ id: JobID, endedAt: Date?, startedAt: Date? = noon) -> Job {
    var job = aJob(id, state: endedAt == nil ? .running : .succeeded)
    job.requester = .rule("geth-down")
    job.startedAt = startedAt
    job.endedAt = endedAt
    return job
}

func aStep(_ jobID: JobID, _ index: Int) -> Step {
    var step = Step(
        jobID: jobID, index: index, name: "Restart", stepID: "restart", action: "kubernetes.rollout-restart",
        isOnFailure: false, state: .running, idempotencyKey: "0d5e2a52-8f2f-4f0a-9b63-0a54e7c1d001")
    step.handle = ["operation": "op-1"]
    step.startedAt = noon
    return step
}

func aMessage(
    _ title: String, subject: String = "job/1", slot: OutboxMessage.Slot = .main, to address: String = "#ops",
    at time: Date = noon
) -> OutboxMessage {
    OutboxMessage(
        place: Place(channel: "slack", address: address), subject: subject, slot: slot,
        report: Report(mood: .running, title: title, blocks: [.fields([.init("a", "b")]), .offers([])]),
        createdAt: time)
}

func anEntry(_ kind: String = "job.started", subject: String = "job/1", detail: JSONValue = ["x": 1]) -> AuditEntry {
    AuditEntry(time: noon, actor: "ada", kind: kind, subject: subject, detail: detail)
}
