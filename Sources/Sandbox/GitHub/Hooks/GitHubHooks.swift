import Domain
import Foundation
import Synchronization

/// Sends events to the bot as GitHub does: signed, once, without trying again
/// (docs.github.com/webhooks/webhook-events-and-payloads).
final class GitHubHooks: Sendable {
    /// Deliveries that are remembered; the oldest go first.
    static let keptDeliveries = 1000

    private struct State {
        var deliveries: [GitHubStandIn.Delivery] = []
        var held: [String] = []
        var isHolding = false
    }

    let hooks: [GitHubStandIn.Hook]
    let world: GitHubWorld
    private let patience: Duration
    private let send: BotConnection
    private let state = Mutex(State())
    /// What requests to the API brought about: sent after the answer.
    private let queue = AsyncStream.makeStream(of: GitHubEvent.self, bufferingPolicy: .bufferingNewest(1000))

    init(hooks: [GitHubStandIn.Hook], patience: Duration, world: GitHubWorld, send: @escaping BotConnection) {
        self.hooks = hooks
        self.patience = patience
        self.world = world
        self.send = send
    }

    /// The newest last.
    var deliveries: [GitHubStandIn.Delivery] { state.withLock { $0.deliveries } }

    /// Ids of those that wait to be released, in the order in which they were made.
    var held: [String] { state.withLock { $0.held } }

    var isHolding: Bool {
        get { state.withLock { $0.isHolding } }
        set { state.withLock { $0.isHolding = newValue } }
    }

    /// Sends what is queued until the task is cancelled.
    func run() async {
        for await event in queue.stream {
            if Task.isCancelled { return }
            await deliver(event)
        }
    }

    /// Sends an event later.
    func later(_ event: GitHubEvent) { queue.continuation.yield(event) }

    /// Sends an event by every hook, or holds it back.
    func deliver(_ event: GitHubEvent) async {
        for hook in hooks {
            let delivery = delivery(of: event, by: hook)
            let isHeld = state.withLock { state in
                state.deliveries.append(delivery)
                if state.deliveries.count > GitHubHooks.keptDeliveries { state.deliveries.removeFirst() }
                if state.isHolding { state.held.append(delivery.id) }
                return state.isHolding
            }
            if !isHeld { await send(delivery) }
        }
    }

    /// Sends held deliveries in the order given; those that are not named stay held.
    func release(_ ids: [String]) async {
        for id in ids {
            let delivery = state.withLock { state -> GitHubStandIn.Delivery? in
                guard let index = state.held.firstIndex(of: id) else { return nil }
                state.held.remove(at: index)
                return state.deliveries.first { $0.id == id }
            }
            if let delivery { await send(delivery) }
        }
    }

    /// Sends a delivery again, under its own id; false when there is none.
    func redeliver(_ id: String) async -> Bool {
        guard let delivery = deliveries.first(where: { $0.id == id }) else { return false }
        await send(delivery)
        return true
    }

    private func send(_ delivery: GitHubStandIn.Delivery) async {
        let (send, time, patience) = (send, world.time, patience)
        let status = await withTaskGroup(of: Int.self) { group in
            group.addTask {
                // No answer counts as 0, whatever the reason.
                (try? await send(delivery.path, delivery.headers, delivery.body))?.status ?? 0
            }
            group.addTask {
                // Cancelled as soon as there is an answer.
                try? await time.sleep(for: patience)
                return 0
            }
            defer { group.cancelAll() }
            return await group.next() ?? 0
        }
        state.withLock { state in
            if let index = state.deliveries.firstIndex(where: { $0.id == delivery.id }) {
                state.deliveries[index].answers.append(status)
            }
        }
        world.changes.bump()
    }

    private func delivery(of event: GitHubEvent, by hook: GitHubStandIn.Hook) -> GitHubStandIn.Delivery {
        var members = event.members
        let target =
            switch hook.target {
            case .repository: event.repository.id
            case .organization, .integration: event.repository.owner.id
            }
        if hook.target == .integration {
            members["installation"] = [
                "id": GitHubShape.number(event.repository.owner.id),
                "node_id": GitHubShape.node("IntegrationInstallation", event.repository.owner.id),
            ]
        }
        let body = JSONValue.object(members).canonicalBytes
        let id = UUID().uuidString.lowercased()
        let codes = (
            Hex.encode(HMACSHA1.code(for: body, key: hook.secret)),
            Hex.encode(HMACSHA256.code(for: [body], key: hook.secret))
        )
        return GitHubStandIn.Delivery(
            id: id, hookID: hook.id, event: event.name, action: event.action, path: hook.path,
            headers: [
                ("User-Agent", "GitHub-Hookshot/044aadd"), ("Accept", "*/*"), ("Content-Type", "application/json"),
                ("X-GitHub-Delivery", id), ("X-GitHub-Event", event.name), ("X-GitHub-Hook-ID", String(hook.id)),
                ("X-GitHub-Hook-Installation-Target-ID", String(target)),
                ("X-GitHub-Hook-Installation-Target-Type", hook.target.rawValue),
                ("X-Hub-Signature", "sha1=\(codes.0)"), ("X-Hub-Signature-256", "sha256=\(codes.1)"),
            ], body: body, at: world.now)
    }
}
