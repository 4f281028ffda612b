import Domain
import Foundation
import Synchronization

/// Actions whose calls a test counts and whose answers it sets.
final class ScriptedActions: Sendable {
    struct Call: Sendable, Equatable {
        var name: String
        var what: String
        var key: String
    }

    private struct State {
        var calls: [Call] = []
        var answers: [String: [Result<JSONValue, ActionError>]] = [:]
        var gates: [String: Bool] = [:]
        var search: OperationSearchAnswer = .notStarted
        /// What is there already, for those who wait for it.
        var arrived: Set<String> = []
        /// What will never come.
        var broken: [String: ActionError] = [:]
        /// What plans say, where they say something else than usual.
        var plans: [String: Result<ActionPlan, ActionError>] = [:]
    }

    enum OperationSearchAnswer: Sendable { case found, notStarted, cannotTell }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }
    func calls(of name: String) -> [Call] { calls.filter { $0.name == name } }

    /// The answers to the next performs with this `what`; afterwards it succeeds.
    func answer(_ what: String, _ answers: Result<JSONValue, ActionError>...) {
        state.withLock { $0.answers[what] = answers }
    }

    /// Performs with this `what` wait until the gate is opened or their task is cancelled.
    func close(_ what: String) { state.withLock { $0.gates[what] = true } }
    func open(_ what: String) { state.withLock { $0.gates[what] = false } }
    func found(_ answer: OperationSearchAnswer) { state.withLock { $0.search = answer } }

    /// What `test.wait` waits for has come, or is gone again.
    func arrive(_ what: String) { state.withLock { _ = $0.arrived.insert(what) } }
    func breakDown(_ what: String, _ error: ActionError) { state.withLock { $0.broken[what] = error } }

    /// From now on the plan of `what` says this.
    func plan(_ what: String, _ plan: Result<ActionPlan, ActionError>) { state.withLock { $0.plans[what] = plan } }

    fileprivate func plan(_ what: String, _ context: ActionContext) async throws -> ActionPlan {
        record("plan", what, context)
        while state.withLock({ $0.gates["plan \(what)"] ?? false }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        return try state.withLock { $0.plans[what] }?.get() ?? ActionPlan(changes: ["\(what) becomes new"])
    }

    fileprivate func look(_ what: String, _ context: ActionContext, as name: String = "wait") async throws -> Awaited {
        record(name, what, context)
        let answer = state.withLock { state -> Result<JSONValue, ActionError>? in
            guard var answers = state.answers[what], !answers.isEmpty else { return nil }
            defer { state.answers[what] = answers }
            return answers.removeFirst()
        }
        if let answer { return .ready(try answer.get()) }
        if let error = state.withLock({ $0.broken[what] }) { throw error }
        guard state.withLock({ $0.arrived.contains(what) }) else {
            return .notYet("the parcel \(what)", lookAgainAfter: .seconds(20), topic: "parcel/\(what)")
        }
        return .ready(["word": .string("got-\(what)"), "summary": "it is there"])
    }

    fileprivate var search: OperationSearchAnswer { state.withLock { $0.search } }

    fileprivate func record(_ name: String, _ what: String, _ context: ActionContext) {
        state.withLock { $0.calls.append(Call(name: name, what: what, key: context.idempotencyKey)) }
    }

    fileprivate func perform(_ name: String, _ what: String, _ context: ActionContext) async throws -> JSONValue {
        record(name, what, context)
        while state.withLock({ $0.gates[what] ?? false }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        let answer = state.withLock { state -> Result<JSONValue, ActionError>? in
            guard var answers = state.answers[what], !answers.isEmpty else { return nil }
            defer { state.answers[what] = answers }
            return answers.removeFirst()
        }
        return try answer?.get() ?? ["word": .string("done-\(what)"), "summary": .string("did \(what)")]
    }

    var types: [ActionType] {
        [
            ActionType(
                "test.change", "Changes something", effect: .changes, outputs: [.init("word", .text(nil), "A word")]
            ) {
                ChangeAction(actions: self, what: $0.text("what", "Which"))
            },
            ActionType("test.look", "Looks", effect: .reads, outputs: [.init("word", .text(nil), "A word")]) {
                LookAction(actions: self, what: $0.text("what", "Which"))
            },
            ActionType("test.wait", "Waits", effect: .reads, outputs: [.init("word", .text(nil), "A word")]) {
                WaitAction(actions: self, what: $0.text("what", "Which"), line: $0.optionalText("line", "Its line"))
            },
            ActionType("test.operate", "Starts an operation", effect: .changes) {
                OperateAction(actions: self, what: $0.text("what", "Which"))
            },
        ]
    }
}

private struct ChangeAction: RepeatableAction, Plannable {
    var actions: ScriptedActions
    var what: String
    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await actions.perform("change", what, context)
    }
    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await actions.plan(what, context)
    }
}

private struct LookAction: RepeatableAction {
    var actions: ScriptedActions
    var what: String
    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await actions.perform("look", what, context)
    }
}

private struct OperateAction: RemoteOperation, Plannable, StoppableAction {
    var actions: ScriptedActions
    var what: String
    func start(_ context: ActionContext) async throws -> JSONValue {
        actions.record("start", what, context)
        return .string("op-\(what)")
    }
    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus {
        .done(try await actions.perform("observe", what, context))
    }
    func find(_ context: ActionContext) async throws -> OperationSearch {
        switch actions.search {
        case .found: .found(handle: .string("op-\(what)"))
        case .notStarted: .notStarted
        case .cannotTell: .cannotTell
        }
    }
    func plan(_ context: ActionContext) async throws -> ActionPlan { ActionPlan(changes: [what]) }
    func stop(_ context: ActionContext) async throws {
        _ = try await actions.perform("stop", "stop \(what)", context)
    }
}

private struct WaitAction: AwaitingAction {
    var actions: ScriptedActions
    var what: String
    var line: String?
    func look(_ context: ActionContext) async throws -> Awaited { try await actions.look(what, context) }
    func peek(_ context: ActionContext) async throws -> Awaited {
        try await actions.look(what, context, as: "peek")
    }
}
