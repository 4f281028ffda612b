import Domain
import Foundation
import Synchronization

/// Sends events to the bot as GitHub does: signed, once, without trying again
/// (docs.github.com/webhooks/webhook-events-and-payloads).
final class GitHubHooks: Sendable {
    /// Deliveries that are remembered; the oldest go first.
    static let keptDeliveries = 1000
    /// Tries that are remembered; the oldest go first.
    static let keptTries = 3000
    /// How long tries are told of, and deliveries can be had again.
    static let kept = Duration.seconds(3 * 86_400)

    /// What is under way.
    private enum Work: Sendable {
        case event(GitHubEvent)
        case redelivery(String)
    }

    private struct State {
        var deliveries: [GitHubStandIn.Delivery] = []
        var held: [String] = []
        var isHolding = false
        /// In the order in which they ended.
        var tries: [GitHubStandIn.Try] = []
        var lastTry = 220_130_142_320_000_000
        var loss: GitHubStandIn.Loss?
    }

    let hooks: [GitHubStandIn.Hook]
    let world: GitHubWorld
    private let patience: Duration
    private let send: BotConnection
    private let state = Mutex(State())
    /// What requests to the API brought about: sent after the answer.
    private let queue = AsyncStream.makeStream(of: Work.self, bufferingPolicy: .bufferingNewest(1000))

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
        for await work in queue.stream {
            if Task.isCancelled { return }
            switch work {
            case .event(let event): await deliver(event)
            case .redelivery(let id): _ = await redeliver(id)
            }
        }
    }

    /// Sends an event later.
    func later(_ event: GitHubEvent) { queue.continuation.yield(.event(event)) }

    /// Sends a delivery again later.
    func redeliverLater(_ id: String) { queue.continuation.yield(.redelivery(id)) }

    /// What becomes of deliveries on their way; nil: they arrive.
    var loss: GitHubStandIn.Loss? {
        get { state.withLock { $0.loss } }
        set { state.withLock { $0.loss = newValue } }
    }

    /// Tries that GitHub still tells of, the newest first.
    func tries(
        where isMeant: (GitHubStandIn.Delivery) -> Bool
    ) -> [(sent: GitHubStandIn.Try, delivery: GitHubStandIn.Delivery)] {
        let oldest = world.time.now.advanced(by: .zero - GitHubHooks.kept).microseconds
        return state.withLock { state in
            let deliveries = Dictionary(state.deliveries.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
            return state.tries.filter { $0.at >= oldest }.sorted { $0.id > $1.id }.compactMap { sent in
                deliveries[sent.guid].flatMap { isMeant($0) ? (sent, $0) : nil }
            }
        }
    }

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
        let (id, loss, isRedelivery) = state.withLock { state in
            state.lastTry += 1
            let isRedelivery = state.deliveries.first { $0.id == delivery.id }?.answers.isEmpty == false
            return (state.lastTry, state.loss, isRedelivery)
        }
        let at = world.now
        let outcome: GitHubStandIn.Try.Outcome =
            switch loss {
            case .onTheWay: .notConnected
            case .takenByOther: .answered(200)
            case nil: await outcome(of: delivery)
            }
        state.withLock { state in
            if let index = state.deliveries.firstIndex(where: { $0.id == delivery.id }) {
                state.deliveries[index].answers.append(outcome.answer)
            }
            state.tries.append(
                GitHubStandIn.Try(
                    id: id, guid: delivery.id, hookID: delivery.hookID, at: at, isRedelivery: isRedelivery,
                    outcome: outcome))
            if state.tries.count > GitHubHooks.keptTries { state.tries.removeFirst() }
        }
        world.changes.bump()
    }

    private func outcome(of delivery: GitHubStandIn.Delivery) async -> GitHubStandIn.Try.Outcome {
        let (send, time, patience) = (send, world.time, patience)
        return await withTaskGroup(of: GitHubStandIn.Try.Outcome.self) { group in
            group.addTask {
                do { return .answered(try await send(delivery.path, delivery.headers, delivery.body).status) } catch {
                    return .notConnected  // whatever the reason
                }
            }
            group.addTask {
                // Cancelled as soon as there is an answer.
                try? await time.sleep(for: patience)
                return .timedOut
            }
            defer { group.cancelAll() }
            return await group.next() ?? .notConnected
        }
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
            id: id, hookID: hook.id, repositoryID: event.repository.id, owner: event.repository.owner.login,
            installationID: hook.target == .integration ? event.repository.owner.id : nil, event: event.name,
            action: event.action, path: hook.path,
            headers: [
                ("User-Agent", "GitHub-Hookshot/044aadd"), ("Accept", "*/*"), ("Content-Type", "application/json"),
                ("X-GitHub-Delivery", id), ("X-GitHub-Event", event.name), ("X-GitHub-Hook-ID", String(hook.id)),
                ("X-GitHub-Hook-Installation-Target-ID", String(target)),
                ("X-GitHub-Hook-Installation-Target-Type", hook.target.rawValue),
                ("X-Hub-Signature", "sha1=\(codes.0)"), ("X-Hub-Signature-256", "sha256=\(codes.1)"),
            ], body: body, at: world.now)
    }
}
