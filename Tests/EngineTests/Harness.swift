import Domain
import Engine
import Foundation
import Ledger
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// A whole bot but for its ingress: a real ledger, the engine, actions and a channel that a test scripts, and time that
/// stands still.
final class Harness: Sendable {
    let time: VirtualTime
    let ledger: SQLiteLedger
    let engine: BotEngine
    let outlet: RecordingOutlet
    let definitions: CurrentDefinitions
    private let inbox: any DeliveryInbox

    private init(
        time: VirtualTime, ledger: SQLiteLedger, engine: BotEngine, outlet: RecordingOutlet,
        definitions: CurrentDefinitions
    ) {
        self.time = time
        self.ledger = ledger
        self.engine = engine
        self.outlet = outlet
        self.definitions = definitions
        inbox = ledger
    }

    /// Runs a bot while `body` runs, then stops it gracefully; or, as a crash would, without any grace.
    static func run(
        _ definitions: DefinitionSet, actions: [ActionType], in folder: TemporaryFolder,
        time: VirtualTime = VirtualTime(),
        outlet: RecordingOutlet = RecordingOutlet(), limits: Limits = Limits(),
        status: any PoolStatusSource = NoStatus(), alerts: (any AlertDirectory)? = nil,
        watchdog: WatchdogSightings? = nil, clock: ClockCheck? = nil,
        secrets: (@Sendable () -> SecretRereading)? = nil,
        crashes: Bool = false, reloading: (@Sendable () -> DefinitionSet)? = nil, _ body: (Harness) async throws -> Void
    ) async throws {
        let redactor = Redactor()
        redactor.add(Secret("hunter2-very-secret"))
        redactor.add(Secret(SecretSinkTests.awkward))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let ledger = try await open(folder, redactor: redactor, time: time, queueLimit: 1000, logger: logger)
        let current = CurrentDefinitions(definitions)
        let keys = Mutex(0)
        var parts = BotEngine.Parts(
            reader: ledger, writer: ledger, numbers: ledger, definitions: current,
            catalogue: ActionCatalogue(actions), decoders: [ScriptedDecoder()], outlets: [outlet], status: status,
            alerts: alerts,
            redactor: redactor, time: time, limits: limits, alertStaleAfter: .seconds(43_200),
            loadDefinitions: { .success(reloading?() ?? definitions) }, ledgerHealth: { ledger.health },
            random: { 0.5 },
            newKey: {
                keys.withLock {
                    $0 += 1
                    return "key-\($0)"
                }
            }, logger: logger)
        parts.watchdog = watchdog
        parts.clock = clock
        if let secrets { parts.readSecretsAgain = { secrets() } }
        let engine = BotEngine(parts)
        let harness = Harness(time: time, ledger: ledger, engine: engine, outlet: outlet, definitions: current)
        let group = ServiceGroup(services: [ledger, engine], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body(harness)
            } catch {
                tasks.cancelAll()
                throw error
            }
            if crashes { tasks.cancelAll() } else { await group.triggerGracefulShutdown() }
            let watch = Task { try await watchEnd(time) }
            defer { watch.cancel() }
            do { try await tasks.waitForAll() } catch  where crashes {}
        }
    }

    /// A bot that does not end would hold up all tests for ever: that is recorded, and time goes on.
    private static func watchEnd(_ time: VirtualTime) async throws {
        try await Task.sleep(for: .seconds(60))
        Issue.record("the bot did not end by itself within a minute")
        while true {
            time.advance(by: .seconds(1))
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Opens the ledger; what is left of an engine that crashed may hold it a moment longer.
    private static func open(
        _ folder: TemporaryFolder, redactor: Redactor, time: VirtualTime, queueLimit: Int, logger: Logger
    ) async throws -> SQLiteLedger {
        let path = folder.path("ledger.sqlite")
        var refused: LedgerOpenError?
        let opened = try await eventually {
            do {
                return try SQLiteLedger(
                    path: path, redactor: redactor, time: time, queueLimit: queueLimit, logger: logger)
            } catch let error as LedgerOpenError where error.description.contains("another process writes") {
                refused = error
                return nil
            }
        }
        return try opened ?? { throw try #require(refused) }()
    }

    /// Changes a ledger while no engine runs.
    static func change(
        _ folder: TemporaryFolder, time: VirtualTime, _ body: (SQLiteLedger) async throws -> Void
    ) async throws {
        let ledger = try await open(
            folder, redactor: Redactor(), time: time, queueLimit: 10, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await ledger.run() }
            try await body(ledger)
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    /// Records a delivery while no engine runs.
    static func recordOnly(_ folder: TemporaryFolder, time: VirtualTime, _ body: JSONValue) async throws {
        let ledger = try await open(
            folder, redactor: Redactor(), time: time, queueLimit: 10, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await ledger.run() }
            let delivery = Delivery(
                source: ScriptedDecoder.source, route: "test", headers: [:], body: body.canonicalBytes,
                receivedAt: time.now, remoteAddress: "127.0.0.1")
            _ = try await (ledger as any DeliveryInbox).record(try Believer(id: nil).verify(delivery))
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    /// Sends a delivery as a proven source would.
    @discardableResult
    func deliver(_ body: JSONValue, id: String? = nil) async throws -> RecordedDelivery {
        let delivery = Delivery(
            source: ScriptedDecoder.source, route: "test", headers: [:], body: body.canonicalBytes,
            receivedAt: time.now,
            remoteAddress: "127.0.0.1")
        let recorded = try await inbox.record(try Believer(id: id).verify(delivery))
        if !recorded.isDuplicate { engine.accepted(recorded) }
        return recorded
    }

    /// A person types a command line in the channel `#ops`.
    func type(_ text: String, as user: String = "U1", id: String = UUID().uuidString) async throws {
        try await deliver(["text": .string(text), "user": .string(user), "id": .string(id)])
    }

    /// A person writes a command line where everybody can, about a pull request.
    func comment(_ text: String, as user: String, context: JSONValue = [:]) async throws {
        try await deliver([
            "text": .string(text), "user": .string(user), "id": .string(UUID().uuidString), "public": true,
            "context": context,
        ])
    }

    /// An alert fires or resolves.
    func alert(
        _ node: String, isFiring: Bool = true, startedAt: Date? = nil, endedAt: Date? = nil, fingerprint: String? = nil
    ) async throws {
        try await deliver([
            "alert": .string(node), "status": .string(isFiring ? "firing" : "resolved"),
            "fingerprint": .string(fingerprint ?? "f-\(node)"),
            "startsAt": .int((startedAt ?? time.now).microseconds),
            "endsAt": endedAt.map { .int($0.microseconds) } ?? .null,
        ])
    }

    func job(_ id: JobID, in states: JobState...) async throws -> Job? {
        try await eventually {
            guard let job = try await ledger.job(id: id), states.contains(job.state) else { return nil }
            return job
        }
    }

    /// The same, while time goes on second by second: whoever begins to wait late is woken too.
    func jobInTime(_ id: JobID, step: Duration = .seconds(1), in states: JobState...) async throws -> Job? {
        try await eventually {
            if let job = try await ledger.job(id: id), states.contains(job.state) { return job }
            time.advance(by: step)
            return nil
        }
    }

    /// Waits until the last message of a subject in a place says `text`.
    func message(_ text: String, in place: String = "#ops") async -> String? {
        await eventually { outlet.latest(in: place).first { $0.contains(text) } }
    }
}

/// Believes everybody.
struct Believer: DeliveryVerifier {
    var id: String?
    func proof(of delivery: Delivery) throws(Refusal) -> DeliveryProof { DeliveryProof(deliveryID: id, sender: "test") }
}

struct NoStatus: PoolStatusSource {
    func status(of pool: String, settings: JSONValue) async throws -> [Report.Block] { [.text("pool \(pool) is fine")] }
}

/// Deliveries of these tests: `{text, user, id}` is a command, `{alert, status, fingerprint, startsAt}` an alert.
struct ScriptedDecoder: EventDecoder {
    static let source = Source("test")
    var source: Source { Self.source }
    var fields: [EventField] { [] }

    func events(in delivery: Delivery) async throws -> [Event] {
        let body = try JSONValue(parsing: delivery.body)
        if let group = body["group"]?.stringValue {
            return try Self.alerts(of: group, body["alerts"]?.arrayValue ?? [], delivery)
        }
        if let news = body["news"]?.stringValue {
            return [
                Event(
                    source: source, kind: "news", contentKey: news, subject: news, occurredAt: delivery.receivedAt,
                    attributes: [:], origin: .notice, topics: [news])
            ]
        }
        if let text = body["text"]?.stringValue, let user = body["user"]?.stringValue {
            let isPublic = body["public"] == true
            var request = CommandRequest(
                text: text, identity: Identity(channel: "chat", userID: user),
                answerTo: isPublic
                    ? nil
                    : Place(
                        channel: "chat", address: body["url"]?.stringValue ?? "private-\(user)", isPrivate: true,
                        usableUntil: delivery.receivedAt.advanced(by: .seconds(1800))),
                reportTo: Place(
                    channel: body["shared"] == true ? "thing" : "chat", address: body["place"]?.stringValue ?? "#ops"),
                context: body["context"]?.objectValue ?? [:],
                isPublic: isPublic, placeName: body["placeName"]?.stringValue)
            request.formTo = body["trigger"]?.stringValue.map {
                Place(
                    channel: "chat", address: $0, isPrivate: true,
                    usableUntil: delivery.receivedAt.advanced(by: .seconds(3)))
            }
            return [
                Event(
                    source: source, kind: "command", contentKey: body["id"]?.stringValue ?? "",
                    subject: "/defimon \(text)",
                    occurredAt: delivery.receivedAt, attributes: ["user": .string(user)], origin: .request(request))
            ]
        }
        return [try Self.alert(body, "g", delivery)]
    }

    /// `{group, alerts}`: alerts that are sent in one group, then the group itself.
    private static func alerts(of group: String, _ alerts: [JSONValue], _ delivery: Delivery) throws -> [Event] {
        let events = try alerts.map { try alert($0, group, delivery) }
        let states = events.compactMap { if case .alert(let state) = $0.origin { state } else { nil } }
        let firing = states.filter(\.isFiring)
        let names = events.compactMap { $0.attributes["node"]?.stringValue }.joined(separator: "+")
        let whole = Event(
            source: source, kind: "group", contentKey: "", subject: "Group \(group): \(names)",
            occurredAt: delivery.receivedAt,
            attributes: ["status": firing.isEmpty ? "resolved" : "firing", "names": .string(names), "node": "none"],
            origin: .alert(
                AlertState(
                    fingerprint: "group-\(group)", isFiring: !firing.isEmpty,
                    startsAt: (firing.isEmpty ? states : firing).map(\.startsAt).min() ?? delivery.receivedAt,
                    endsAt: firing.isEmpty ? states.compactMap(\.endsAt).max() : nil, groupKey: group,
                    group: AlertGroupReference(receiver: "bot", labels: ["group": group]))))
        return events + [whole]
    }

    private static func alert(_ body: JSONValue, _ group: String, _ delivery: Delivery) throws -> Event {
        guard let alert = body["alert"]?.stringValue, let fingerprint = body["fingerprint"]?.stringValue,
            let startsAt = body["startsAt"]?.intValue
        else { throw UndecodableDelivery("it is neither a command nor an alert") }
        let isFiring = body["status"] == "firing"
        return Event(
            source: source, kind: "alert", contentKey: "", subject: "Down \(alert)",
            occurredAt: delivery.receivedAt,
            attributes: [
                "status": body["status"] ?? "", "node": .string(alert), "labels": ["alertname": .string(alert)],
            ],
            origin: .alert(
                AlertState(
                    fingerprint: fingerprint, isFiring: isFiring, startsAt: Date(microseconds: Int64(startsAt)),
                    endsAt: isFiring
                        ? nil : body["endsAt"]?.intValue.map { Date(microseconds: Int64($0)) } ?? delivery.receivedAt,
                    groupKey: group)))
    }
}

/// A channel that keeps what it was given, and refuses as a test says.
final class RecordingOutlet: Outlet {
    private struct State {
        var messages: [String: [(reference: String, text: String, thread: String?)]] = [:]
        var answers: [String: [OutletError]] = [:]
        var next = 0
        var count = 0
        var all: [(place: String, text: String)] = []
        var forms: [String: CommandForm] = [:]
        var held: Set<String> = []
        var judge: @Sendable (OutboxMessage) -> OutletError? = { _ in nil }
    }

    private let state = Mutex(State())
    let channel: String
    let sharesMessages: Bool
    let messagesPerPrivatePlace: Int?
    let hasThreads: Bool

    init(
        channel: String = "chat", sharesMessages: Bool = false, messagesPerPrivatePlace: Int? = nil,
        hasThreads: Bool = false
    ) {
        self.channel = channel
        self.hasThreads = hasThreads
        self.sharesMessages = sharesMessages
        self.messagesPerPrivatePlace = messagesPerPrivatePlace
    }

    /// Asked about every message, before it is taken: why it is not.
    func judge(_ judge: @escaping @Sendable (OutboxMessage) -> OutletError?) { state.withLock { $0.judge = judge } }

    /// The next deliveries to a place are refused with these errors.
    func refuse(_ place: String, _ errors: OutletError...) { state.withLock { $0.answers[place] = errors } }

    /// Deliveries to a place do not end until it is released.
    func hold(_ place: String) { state.withLock { _ = $0.held.insert(place) } }
    func release(_ place: String) { state.withLock { _ = $0.held.remove(place) } }

    /// Every message of a place in its newest form.
    func latest(in place: String) -> [String] { state.withLock { $0.messages[place, default: []].map(\.text) } }

    /// The messages that stand in a place itself, and those in the thread of one of them, each in its newest form.
    func heads(in place: String) -> [(text: String, thread: [String])] {
        state.withLock { state in
            let all = state.messages[place, default: []]
            return all.filter { $0.thread == nil }.map { head in
                (head.text, all.filter { $0.thread == head.reference }.map(\.text))
            }
        }
    }

    /// Every form of every message of a place, in the order in which they came.
    func all(in place: String) -> [String] { state.withLock { $0.all.filter { $0.place == place }.map(\.text) } }

    /// The form that came with the newest message of a place.
    func form(in place: String) -> CommandForm? { state.withLock { $0.forms[place] } }

    var count: Int { state.withLock { $0.count } }

    func deliver(_ message: OutboxMessage, existing: String?, thread: String?) async throws(OutletError) -> String? {
        let place = message.place.address
        while state.withLock({ $0.held.contains(place) }), !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))  // cancelled: the loop ends
        }
        let refusal = state.withLock { state -> OutletError? in
            guard var errors = state.answers[place], !errors.isEmpty else { return nil }
            defer { state.answers[place] = errors }
            return errors.removeFirst()
        }
        if let refusal = refusal ?? state.withLock({ $0.judge })(message) { throw refusal }
        return state.withLock { state in
            state.count += 1
            let text = message.report.plainText
            state.all.append((place, text))
            state.forms[place] = message.report.form
            if let existing,
                let index = state.messages[place, default: []].firstIndex(where: { $0.reference == existing })
            {
                state.messages[place]?[index].text = text
                return existing
            }
            state.next += 1
            state.messages[place, default: []].append(("m\(state.next)", text, thread))
            return "m\(state.next)"
        }
    }
}
