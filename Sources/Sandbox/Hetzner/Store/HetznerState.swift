import Domain
import Foundation

/// All that exists in one project at Hetzner: things by kind and number, and actions.
struct HetznerState: Sendable {
    /// What those who watch servers are told.
    enum Event: Sendable {
        case running(JSONValue)
        case gone(JSONValue)
    }

    /// Actions that are remembered; the oldest done ones go.
    static let mostActions = 5000

    let configuration: HetznerStandIn.Configuration
    var failures = HetznerFailures()
    var resources: [HetznerKind: [Int: HetznerResource]] = [:]
    private(set) var actions: [Int: HetznerAction] = [:]
    /// Record sets of a zone by its number, each by `name/TYPE`.
    var records: [Int: [String: [String: JSONValue]]] = [:]
    /// Servers' user data; the API never shows it.
    var userData: [Int: String] = [:]
    /// Servers that health checks find unhealthy although they run.
    var sick: Set<Int> = []
    /// What has happened to servers and was not told yet.
    var events: [Event] = []
    /// Actions that are not done.
    private var open: Set<Int> = []
    private var counter = 10_000

    init(_ configuration: HetznerStandIn.Configuration) { self.configuration = configuration }

    static func time(_ date: Date) -> JSONValue {
        .string(date.formatted(.iso8601.dateTimeSeparator(.standard)).replacing("Z", with: "+00:00"))
    }

    mutating func newID() -> Int {
        counter += 1
        return counter
    }

    subscript(_ reference: HetznerReference) -> HetznerResource? {
        get { resources[reference.kind]?[reference.id] }
        set { resources[reference.kind, default: [:]][reference.id] = newValue }
    }

    /// Things of a kind, in the order of their numbers.
    func all(_ kind: HetznerKind) -> [HetznerResource] { (resources[kind] ?? [:]).values.sorted { $0.id < $1.id } }

    /// Puts a new thing there; its number and time of making are written by the way.
    @discardableResult
    mutating func add(
        _ kind: HetznerKind, _ body: [String: JSONValue], links: [String: Int] = [:], _ now: Date
    ) -> HetznerReference {
        let reference = HetznerReference(kind, newID())
        var body = body
        body["id"] = .int(Int64(reference.id))
        body["created"] = HetznerState.time(now)
        self[reference] = HetznerResource(reference: reference, body: body, links: links)
        return reference
    }

    /// Changes a thing that exists; does nothing otherwise.
    mutating func update(_ reference: HetznerReference, _ body: (inout HetznerResource) -> Void) {
        guard var resource = self[reference] else { return }
        body(&resource)
        self[reference] = resource
    }
}

extension HetznerState {
    /// Brings everything to `now`: actions begin and end in the order of their times.
    mutating func settle(_ now: Date) {
        guard !failures.stuckActions else { return }
        while let next = due(now), var action = actions[next] {
            if action.hasBegun {
                finish(action)
            } else {
                action.hasBegun = true
                actions[next] = action
                action.onStart?(&self, action.start)
            }
        }
    }

    private func due(_ now: Date) -> Int? {
        openActions.map { (id: $0.id, at: $0.hasBegun ? $0.end : $0.start) }
            .filter { $0.at <= now }.min { ($0.at, $0.id) < ($1.at, $1.id) }?.id
    }

    private mutating func finish(_ finished: HetznerAction) {
        var action = finished
        do {
            if let failure = action.fails { throw failure }
            try action.onEnd?(&self, action.end)
        } catch let failure as HetznerAction.Failure {
            action.failure = failure
            action.onFailure?(&self, action.end)
        } catch {
            action.failure = .init(code: "server_error", message: "\(error)")
        }
        action.isDone = true
        action.onStart = nil
        action.onEnd = nil
        action.onFailure = nil
        actions[action.id] = action
        open.remove(action.id)
        // What was to follow cannot.
        guard action.failure != nil, let failed = action.resources.first else { return }
        for var other in openActions where !other.hasBegun && other.resources.contains(failed) {
            other.fails = .init(code: "action_failed", message: "Action failed")
            actions[other.id] = other
        }
    }

    /// Everything that is under way ends at once, and is forgotten.
    mutating func finishAll() {
        settle(.distantFuture)
        actions = actions.filter { !$0.value.isDone }
    }

    /// Actions that are not done, the oldest first.
    var openActions: [HetznerAction] { open.sorted().compactMap { actions[$0] } }

    /// Begins an action; after another when that is given. It is worked on from then on, and takes the time of its
    /// command.
    @discardableResult
    mutating func begin(
        _ command: String, on resources: HetznerReference..., after: HetznerAction? = nil, now: Date,
        onEnd: @escaping @Sendable (inout HetznerState, Date) throws -> Void = { _, _ in },
        onStart: (@Sendable (inout HetznerState, Date) -> Void)? = nil,
        onFailure: (@Sendable (inout HetznerState, Date) -> Void)? = nil
    ) -> HetznerAction {
        let start = after?.end ?? now
        let lasts = configuration.running[command] ?? configuration.runningOtherwise
        var action = HetznerAction(
            id: newID(), command: command, resources: resources, start: start, end: start.advanced(by: lasts),
            onStart: onStart, onEnd: onEnd, onFailure: onFailure)
        if failures.takeAction(command) { action.fails = .init(code: "action_failed", message: "Action failed") }
        if after == nil {
            action.hasBegun = true
            onStart?(&self, now)
        }
        put(action)
        return action
    }

    /// Something comes about by itself, after a while.
    mutating func later(
        _ reference: HetznerReference, after wait: Duration, now: Date,
        _ body: @escaping @Sendable (inout HetznerState, Date) -> Void
    ) {
        put(
            HetznerAction(
                id: newID(), command: "", resources: [reference], isShown: false, start: now,
                end: now.advanced(by: wait), onEnd: body, hasBegun: true))
    }

    private mutating func put(_ action: HetznerAction) {
        actions[action.id] = action
        open.insert(action.id)
        guard actions.count > HetznerState.mostActions else { return }
        let oldest = actions.values.filter(\.isDone).min { $0.id < $1.id }
        if let oldest { actions[oldest.id] = nil }
    }

    /// Whether something is under way on a thing.
    func isBusy(_ reference: HetznerReference) -> Bool {
        openActions.contains { $0.isShown && $0.resources.contains(reference) }
    }

    /// Throws `locked` or `conflict` when something is under way on a thing.
    func checkFree(_ reference: HetznerReference) throws {
        let name = self[reference]?.name ?? ""
        guard isBusy(reference) || failures.locked.contains(name) else { return }
        throw HetznerError.busy(reference.kind)
    }
}
