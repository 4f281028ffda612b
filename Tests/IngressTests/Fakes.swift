import Domain
import Foundation
import Synchronization

/// Records deliveries in memory. A gate holds commits back; a script makes them fail.
final class FakeInbox: DeliveryInbox {
    private struct State {
        var deliveries: [Delivery] = []
        var ids: Set<String> = []
        var entered = 0
        var error: LedgerError?
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var deliveries: [Delivery] { state.withLock { $0.deliveries } }
    /// How many inserts have begun.
    var entered: Int { state.withLock { $0.entered } }

    func fail(with error: LedgerError?) { state.withLock { $0.error = error } }
    func closeGate() { state.withLock { $0.isClosed = true } }

    func openGate() {
        let waiting = state.withLock { state in
            state.isClosed = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func insert(_ delivery: VerifiedDelivery) async throws(LedgerError) -> InboxReceipt {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.entered += 1
                if state.isClosed { state.waiting.append(continuation) }
                return !state.isClosed
            }
            if isOpen { continuation.resume() }
        }
        let result = state.withLock { state -> Result<InboxReceipt, LedgerError> in
            if let error = state.error { return .failure(error) }
            if let id = delivery.proof.deliveryID, !state.ids.insert(id).inserted {
                return .success(InboxReceipt(rowID: 1, isDuplicate: true))
            }
            state.deliveries.append(delivery.delivery)
            return .success(InboxReceipt(rowID: Int64(state.deliveries.count), isDuplicate: false))
        }
        return try result.get()
    }
}

final class FakeObserver: IngressObserver {
    struct Refused: Hashable {
        var refusal: Refusal
        var source: Source
        var remoteAddress: String
    }

    private let state = Mutex<(accepted: [Int64], refused: [Refused])>(([], []))

    var accepted: [Int64] { state.withLock { $0.accepted } }
    var refused: [Refused] { state.withLock { $0.refused } }

    func accepted(_ delivery: RecordedDelivery) { state.withLock { $0.accepted.append(delivery.rowID) } }
    func refused(_ refusal: Refusal, source: Source, remoteAddress: String) {
        state.withLock { $0.refused.append(Refused(refusal: refusal, source: source, remoteAddress: remoteAddress)) }
    }
}

/// Proves who knows the token; the id is in a header.
struct TokenVerifier: DeliveryVerifier {
    func proof(of delivery: Delivery) throws(Refusal) -> DeliveryProof {
        guard let token = delivery.headers["x-token"] else {
            throw Refusal(.missingHeader, "the header x-token is missing")
        }
        guard token == "right" else { throw Refusal(.badCredentials, "the token is not right") }
        return DeliveryProof(deliveryID: delivery.headers["x-id"], sender: "token")
    }
}

final class FakeControl: BotControl {
    struct Call: Hashable {
        var name: String
        var text = ""
        var identity: Identity?
        var key: String?
    }

    private struct State {
        var calls: [Call] = []
        var reasons: [String] = []
        var warnings: [String] = []
        var readings: [MetricReading] = []
        var problems: [Problem] = []
        var error: ControlError?
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }
    func notReady(_ reasons: [String]) { state.withLock { $0.reasons = reasons } }
    func warn(_ warnings: [String]) { state.withLock { $0.warnings = warnings } }
    func show(_ readings: [MetricReading]) { state.withLock { $0.readings = readings } }
    func find(_ problems: [Problem]) { state.withLock { $0.problems = problems } }
    func fail(with error: ControlError) { state.withLock { $0.error = error } }

    private func note(_ call: Call) throws(ControlError) {
        let error = state.withLock { state in
            state.calls.append(call)
            return state.error
        }
        if let error { throw error }
    }

    func run(_ text: String, as identity: Identity, idempotencyKey: String?) async throws(ControlError) -> RunAnswer {
        try note(Call(name: "run", text: text, identity: identity, key: idempotencyKey))
        return RunAnswer(
            report: Report(mood: .running, title: "Job 7: \(text)", blocks: [.text("the secret is hunter-two-22")]),
            jobID: 7, isAccepted: true)
    }

    func cancel(_ id: JobID, by identity: Identity) async throws(ControlError) -> String {
        try note(Call(name: "cancel", text: String(id), identity: identity))
        return "job \(id) is asked to stop"
    }

    func retry(_ id: JobID, by identity: Identity) async throws(ControlError) -> RunAnswer {
        try note(Call(name: "retry", text: String(id), identity: identity))
        return RunAnswer(report: Report(mood: .running, title: "again"), jobID: id + 1, isAccepted: true)
    }

    func reload() async -> [Problem] { state.withLock { $0.problems } }
    func notReadyReasons() async -> [String] { state.withLock { $0.reasons } }
    func warnings() async -> [String] { state.withLock { $0.warnings } }
    func readings() async -> [MetricReading] { state.withLock { $0.readings } }
    func queue() async -> [QueuedJob] {
        [
            QueuedJob(
                id: 3, commandLine: "deploy ml", requester: "alice", since: Date(microseconds: 1_000_001),
                reason: "job 2 holds pool/ml")
        ]
    }
}
