import Domain

/// Makes all things of a list what they are wanted to be: looks at all of them at the same time, refuses before anything
/// is changed, and then makes turn by turn what differs, side by side within a turn.
struct ThingRun: Sendable {
    /// Looks, and then changes, at the same time.
    static let atOnce = 8

    /// A thing that is not as wanted yet, by its number.
    private struct Pending: Sendable {
        var number: Int
        var part: ThingPart
    }

    private let parts: [ThingPart]
    private let context: ActionContext

    /// Throws `ActionError` when a thing stands twice, or has no place.
    init(_ things: [Thing], _ client: GoogleCloudClient, _ context: ActionContext) throws(ActionError) {
        var parts: [ThingPart] = []
        var seen: Set<String> = []
        for thing in things {
            let part = try ThingPart(thing, client, context)
            guard seen.insert(part.path).inserted else {
                throw ActionError("\(part.title) is listed twice", hint: "leave one of them out")
            }
            parts.append(part)
        }
        self.parts = parts
        self.context = context
    }

    func plan() async throws -> ActionPlan {
        var whole = ActionPlan(changes: [])
        for look in try await looks() {
            whole.changes += look.plan.changes
            whole.knownLater += look.plan.knownLater
            whole.notes += look.plan.notes
        }
        return whole
    }

    func perform() async throws -> JSONValue {
        let looks = try await looks()
        var results = looks.map(\.asWanted)
        let pending = looks.indices.filter { looks[$0].asWanted == nil }.map { Pending(number: $0, part: parts[$0]) }
        let counter = ProgressCounter()
        let total = pending.count
        for turn in Set(pending.map(\.part.kind.turn)).sorted() {
            let now = pending.filter { $0.part.kind.turn == turn }
            let outcomes = await Parallel.run(now, atOnce: ThingRun.atOnce) { pending in
                let result = try await pending.part.perform(context)
                context.progress("\(counter.next()) of \(total) things: \(pending.part.title) is done")
                return result
            }
            for (pending, outcome) in zip(now, outcomes) {
                if case .success(let result)? = outcome { results[pending.number] = result }
            }
            let failures = outcomes.compactMap { outcome -> (any Error)? in
                if case .failure(let error)? = outcome { error } else { nil }
            }
            // One that stays decides: trying again would not help.
            if let error = failures.first(where: { ($0 as? ActionError)?.retry == .never }) ?? failures.first {
                throw (error as? ActionError)?.after(changes(results)) ?? error
            }
        }
        let notes = results.flatMap { $0?.warnings ?? [] } + looks.flatMap(\.plan.notes)
        return outputs(results, notes)
    }

    private func outputs(_ results: [EnsureRun.Result?], _ notes: [String]) -> JSONValue {
        let changes = changes(results)
        var things: [String: JSONValue] = [:]
        for (part, result) in zip(parts, results) {
            guard let result else { continue }
            things["\(part.kind.rawValue)-\(part.name)"] = .object(part.outputs(result))
        }
        let count = changes.count == 1 ? "1 change" : "\(changes.count) changes"
        return [
            "count": .int(Int64(parts.count)), "changes": .int(Int64(changes.count)),
            "changed": .bool(!changes.isEmpty), "things": .object(things),
            "summary": .string(
                changes.isEmpty
                    ? "nothing to do: all \(parts.count) are as wanted" : "\(count) of \(parts.count) things"),
            "details": .string((changes + notes).joined(separator: "\n")),
        ]
    }

    private func changes(_ results: [EnsureRun.Result?]) -> [String] {
        zip(parts, results).flatMap { part, result in (result?.changes ?? []).map { "\(part.title): \($0)" } }
    }

    /// Looks at all, some at once. Throws one `ActionError` for all that are to be refused.
    private func looks() async throws -> [EnsureRun.Look] {
        let outcomes = try await Parallel.values(parts, atOnce: ThingRun.atOnce) { part in
            do {
                return Result<EnsureRun.Look, ActionError>.success(try await part.look())
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
}
