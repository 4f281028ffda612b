import Domain

/// Makes all things of a pool what they are wanted to be: reads all of them at the same time, refuses before anything is
/// changed, and then makes turn by turn what differs, side by side within a turn.
struct PoolRun: Sendable {
    /// Reads, and then changes, at the same time.
    static let atOnce = 8

    private struct Part: Sendable {
        var thing: EnsuredThing
        var run: EnsureRun
    }

    /// A thing that is to be changed, by its number.
    private struct Pending: Sendable {
        var number: Int
        var part: Part
    }

    private let parts: [Part]
    private let context: ActionContext

    init(_ wishes: [(thing: EnsuredThing, wish: ResourceWish)], _ client: GoogleCloudClient, _ context: ActionContext) {
        parts = wishes.map { Part(thing: $0.thing, run: EnsureRun(client: client, wish: $0.wish, context: context)) }
        self.context = context
    }

    func plan() async throws -> ActionPlan {
        var whole = ActionPlan(changes: [])
        for look in try await looks() {
            whole.changes += look.plan.changes
            whole.notes += look.plan.notes
        }
        return whole
    }

    func perform() async throws -> JSONValue {
        let looks = try await looks()
        var results = looks.map(\.asWanted)
        let pending = looks.indices.filter { looks[$0].asWanted == nil }.map { Pending(number: $0, part: parts[$0]) }
        let counter = ProgressCount(pending.count)
        for turn in Set(pending.map(\.part.thing.kind.turn)).sorted() {
            let now = pending.filter { $0.part.thing.kind.turn == turn }
            let outcomes = await Parallel.run(now, atOnce: PoolRun.atOnce) { pending in
                var run = pending.part.run
                let tell = context.progress
                run.context.progress = { tell("\(counter.text): \($0)") }
                let result = try await run.perform()
                counter.next()
                return result
            }
            for (pending, outcome) in zip(now, outcomes) {
                if case .success(let result)? = outcome { results[pending.number] = result }
            }
            for case .failure(let error)? in outcomes { throw told(error, after: lines(results)) }
        }
        let words = pending.isEmpty ? "nothing to do" : "\(pending.count) of them made or changed"
        return [
            "count": .int(Int64(parts.count)), "changed": .int(Int64(pending.count)),
            "things": .object(outputs(results)), "summary": .string("\(parts.count) things, \(words)"),
            "details": .string((lines(results) + looks.flatMap(\.plan.notes)).joined(separator: "\n")),
        ]
    }

    private func outputs(_ results: [EnsureRun.Result?]) -> [String: JSONValue] {
        var outputs: [String: JSONValue] = [:]
        for (part, result) in zip(parts, results) {
            guard let result else { continue }
            outputs["\(part.thing.kind.rawValue)-\(part.run.wish.name)"] = .object(
                part.thing.resource.outputs(of: result, part.run.wish))
        }
        return outputs
    }

    private func lines(_ results: [EnsureRun.Result?]) -> [String] {
        zip(parts, results).flatMap { part, result in
            (result?.changes ?? []).map { "\(part.run.wish.title): \($0)" } + (result?.warnings ?? [])
        }
    }

    /// Throws one `ActionError` for all that is refused.
    private func looks() async throws -> [EnsureRun.Look] {
        let outcomes = try await Parallel.values(parts, atOnce: PoolRun.atOnce) { part in
            do {
                return Result<EnsureRun.Look, ActionError>.success(try await part.run.look())
            } catch let error as ActionError {
                return .failure(error)
            }
        }
        let refusals = outcomes.compactMap { outcome -> ActionError? in
            if case .failure(let error) = outcome { error } else { nil }
        }
        // One that stays makes the whole stay.
        guard var whole = refusals.first(where: { $0.retry == .never }) ?? refusals.first else {
            return try outcomes.map { try $0.get() }
        }
        if refusals.count > 1 {
            whole.details = refusals.map(\.message).joined(separator: "\n")
            whole.message += " (and \(refusals.count - 1) more)"
        }
        throw whole
    }

    private func told(_ error: any Error, after lines: [String]) -> any Error {
        guard var told = error as? ActionError, !lines.isEmpty else { return error }
        told.mayHaveTakenEffect = true
        told.details = [told.details, "done before that: " + lines.joined(separator: "; ")].compactMap { $0 }
            .joined(separator: "\n")
        return told
    }
}
