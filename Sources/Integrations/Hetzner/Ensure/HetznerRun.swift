import Domain
import Foundation

/// Makes one thing what it is wanted to be: reads it, creates it where it is missing, changes only what differs, and
/// refuses what is not ours and what would need replacing. Names are unique at Hetzner, so what was ordered before a crash
/// is found by its name and never ordered again.
struct HetznerRun: Sendable {
    /// Changes of one thing, each followed by a look.
    static let mostRounds = 100
    /// Looks at a thing that Hetzner said it had made or changed and that does not show it yet, or that is busy.
    static let patience = 10
    /// Looks at a thing with which something is under way, and the time between two of them.
    static let longestWait = 300
    static let pause = Duration.seconds(2)

    let resource: any HetznerResource
    let names: HetznerNames
    let context: ActionContext

    private var client: HetznerClient { names.client }
    private var title: String { resource.title }

    private enum Verdict {
        case asWanted(JSONValue, isOurs: Bool)
        case create([WantedField])
        case change(JSONValue, [(line: String, call: HetznerCall)])
    }

    /// Reads the thing once. Throws `ActionError` for what is to be refused, or `CancellationError`.
    func look() async throws -> ThingLook {
        try await told("\(title) cannot be read", changes: false) {
            let thing = try await names.value(resource.key) { try await resource.read(client) }
            switch try await verdict(thing) {
            case .asWanted(let thing, let isOurs):
                return ThingLook(
                    plan: ActionPlan(changes: [], notes: isOurs ? [] : [EnsureRefusal.onlyRead(title)]),
                    // What is still being made is waited for.
                    asWanted: resource.isSettled(thing) ? EnsuredThing(resource: thing, isOurs: isOurs) : nil)
            case .create(let fields):
                let price = client.settings.prices.flatMap { resource.price($0) }
                return ThingLook(
                    plan: ActionPlan(
                        changes: ["\(title): create" + FieldText.made(of: fields)],
                        notes: price.map { ["\(title) costs \($0)"] } ?? []))
            case .change(_, let steps):
                return ThingLook(plan: ActionPlan(changes: steps.map { "\(title): \($0.line)" }))
            }
        }
    }

    func perform() async throws -> EnsuredThing {
        var result = EnsuredThing(resource: .null)
        do {
            try await told("\(title) is not as wanted", changes: true) { try await run(&result) }
            return result
        } catch let error as ActionError {
            throw error.after(result.changes)
        }
    }

    private func told<Value>(_ doing: String, changes: Bool, _ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let failure as HetznerFailure {
            throw failure.actionError(doing, changes: changes)
        }
    }

    private func run(_ result: inout EnsuredThing) async throws {
        var asked: Set<HetznerCall> = []
        var looks = 0
        for _ in 0..<HetznerRun.mostRounds {
            let thing = try await settled()
            let call: HetznerCall
            let line: String
            switch try await verdict(thing) {
            case .asWanted(let thing, let isOurs):
                result.resource = thing
                result.isOurs = isOurs
                return
            case .create(let fields): (call, line) = (try await creation(), "created" + FieldText.made(of: fields))
            case .change(_, let steps):
                guard let first = steps.first else { return }
                (call, line) = (first.call, first.line)
            }
            // Hetzner may show a change a moment after it was made.
            guard !asked.contains(call) else {
                looks += 1
                guard looks < HetznerRun.patience else { throw EnsureRefusal.unseen("Hetzner", title, [line]) }
                try await context.time.sleep(for: .milliseconds(500 * looks))
                continue
            }
            do {
                try await carryOut(call, line)
                asked.insert(call)
                // What follows the making of a server with a private address belongs to it.
                if !result.changes.contains(line) { result.changes.append(line) }
                if thing == nil { result.isCreated = true }
            } catch let failure as HetznerFailure {
                // Something else is being done with it, or it was made meanwhile: what is there then decides.
                guard failure.isBusy || failure.isAlreadyThere && thing == nil else { throw failure }
                looks += 1
                guard looks < HetznerRun.patience else { throw failure }
                try await context.time.sleep(for: .seconds(looks))
            }
        }
        throw ActionError("\(title) does not become as wanted", mayHaveTakenEffect: true)
    }

    private func carryOut(_ call: HetznerCall, _ line: String) async throws {
        let words = "\(title): \(line)"
        context.progress(words)
        let operations = HetznerOperation.all(in: try await client.send(call))
        try await client.finish(operations, time: context.time) { context.progress("\(words) (\($0) %)") }
    }

    /// Reads the thing when nothing is under way with it any more.
    private func settled() async throws -> JSONValue? {
        for _ in 0..<HetznerRun.longestWait {
            let thing = try await resource.read(client)
            names.learn(resource.key, thing)
            guard let thing, !resource.isSettled(thing) else { return thing }
            context.progress("\(title) is \(thing["status"]?.stringValue ?? "busy")")
            try await context.time.sleep(for: HetznerRun.pause)
        }
        throw ActionError(
            "something is under way with \(title) and does not end", retry: .later(afterMilliseconds: 60_000),
            mayHaveTakenEffect: true)
    }

    private func creation() async throws -> HetznerCall {
        var body = try await resource.body(names)
        body["name"] = body["name"] ?? .string(resource.identity.name)
        body["labels"] = .object(
            resource.identity.labels.mapValues(JSONValue.string).merging(resource.firstLabels) { $1 }
                .merging(HetznerMark.labels(resource.identity.pool, context)) { $1 })
        return HetznerCall("POST", resource.collection, body: .object(body))
    }

    private func verdict(_ thing: JSONValue?) async throws -> Verdict {
        let fields = try await resource.fields(names)
        guard let thing else { return .create(fields) }
        let pool = HetznerMark.pool(of: thing)
        let isOurs = pool == resource.identity.pool
        // The mark itself is no difference of what is not ours.
        let different = (isOurs ? fields + [resource.labelField] : fields).filter { $0.differs(in: thing) }
        guard !different.isEmpty else { return .asWanted(thing, isOurs: isOurs) }
        if let refusal = resource.refusal(thing) { throw refusal }
        let lines = different.map { $0.line(thing) }
        guard isOurs else {
            throw EnsureRefusal.foreign(title, pool, lines, adopting: "adopt \(resource.identity.pool)")
        }
        var steps: [(line: String, call: HetznerCall)] = []
        var fixed: [String] = []
        var hint: String?
        for field in different {
            switch field.change {
            case .replacement(let advice):
                fixed.append(field.line(thing))
                hint = hint ?? advice
            case .call(let call):
                guard let call = call(thing, resource.path(of: thing)) else {
                    fixed.append(field.line(thing))
                    continue
                }
                steps.append((field.line(thing), call))
            }
        }
        guard fixed.isEmpty else { throw EnsureRefusal.replacement(title, fixed, hint) }
        return .change(thing, steps)
    }

    /// How it is to be adopted.
    func finding() async throws -> AdoptionFinding {
        let thing = try await names.value(resource.key) { try await resource.read(client) }
        if let thing, let refusal = resource.refusal(thing) { throw refusal }
        let fields = try await resource.fields(names)
        return AdoptionFinding(
            title: title, wanted: resource.identity.pool, isThere: thing != nil,
            pool: thing.flatMap(HetznerMark.pool),
            lines: thing.map { there in fields.filter { $0.differs(in: there) }.map { $0.line(there) } } ?? []
        ) {
            guard let thing else { return }
            let mark = [HetznerMark.pool: JSONValue.string(resource.identity.pool)]
            let call = HetznerMark.labelling(resource.path(of: thing), thing, adding: mark)
            try await client.finish(
                HetznerOperation.all(in: try await client.send(call)), time: context.time)
        }
    }
}
