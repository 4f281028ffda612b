/// Makes all things of a list what they are wanted to be: looks at all of them at the same time, refuses before anything
/// is changed, and then makes turn by turn what differs, side by side within a turn.
package struct ThingRun: Sendable {
    /// Looks, and then changes, at the same time.
    package static let atOnce = 8

    /// A thing that is not as wanted yet, by its number.
    private struct Pending: Sendable {
        var number: Int
        var part: ThingPart
    }

    private let parts: [ThingPart]
    private let context: ActionContext

    /// What every action that runs a list puts out.
    package static let outputs: [ActionType.Output] = [
        .init("count", .integer(nil), "How many things are listed"),
        .init("changes", .integer(nil), "How many changes were made"),
        .init("changed", .flag, "False when all were as wanted already"),
        .init(
            "things", .map(.any),
            "The outputs of each by kind and name: things.address-rpc.address; of the only one of its kind also by that"
        ),
        .init("names", .map(.any), "The names of those that are listed, by kind: names.server"),
        .init("summary", .text(nil), "One line for people"),
    ]

    /// Throws `ActionError` when a thing stands twice.
    package init(_ parts: [ThingPart], _ context: ActionContext) throws(ActionError) {
        var seen: Set<String> = []
        for part in parts {
            guard seen.insert(part.path).inserted else {
                throw ActionError("\(part.title) is listed twice", hint: "leave one of them out")
            }
        }
        self.parts = parts
        self.context = context
    }

    /// What all of them would change. Throws `ActionError` for what is to be refused, or `CancellationError`.
    package func plan() async throws -> ActionPlan {
        var whole = ActionPlan(changes: [])
        for look in try await looks() {
            whole.changes += look.plan.changes
            whole.knownLater += look.plan.knownLater
            whole.deletions += look.plan.deletions
            whole.notes += look.plan.notes
        }
        return whole
    }

    /// The outputs of all. Throws as `plan` does, and with what was done before.
    package func perform() async throws -> JSONValue {
        let looks = try await looks()
        var results = looks.map(\.asWanted)
        let pending = looks.indices.filter { looks[$0].asWanted == nil }.map { Pending(number: $0, part: parts[$0]) }
        let counter = ProgressCounter()
        let total = pending.count
        for turn in Set(pending.map(\.part.turn)).sorted() {
            let now = pending.filter { $0.part.turn == turn }
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

    private func outputs(_ results: [EnsuredThing?], _ notes: [String]) -> JSONValue {
        let changes = changes(results)
        let names = Dictionary(grouping: parts, by: \.kind).mapValues { $0.map(\.name) }
        var things: [String: JSONValue] = [:]
        for (part, result) in zip(parts, results) {
            guard let result else { continue }
            let outputs = JSONValue.object(part.outputs(result))
            things["\(part.kind)-\(part.name)"] = outputs
            if names[part.kind]?.count == 1 { things[part.kind] = outputs }
        }
        let count = changes.count == 1 ? "1 change" : "\(changes.count) changes"
        return [
            "count": .int(Int64(parts.count)), "changes": .int(Int64(changes.count)),
            "changed": .bool(!changes.isEmpty), "things": .object(things),
            "names": .object(names.mapValues { .array($0.map(JSONValue.string)) }),
            "summary": .string(
                changes.isEmpty
                    ? "nothing to do: all \(parts.count) are as wanted" : "\(count) of \(parts.count) things"),
            "details": .string((changes + notes).joined(separator: "\n")),
        ]
    }

    private func changes(_ results: [EnsuredThing?]) -> [String] {
        zip(parts, results).flatMap { part, result in (result?.changes ?? []).map { "\(part.title): \($0)" } }
    }

    /// Looks at all, some at once. Throws one `ActionError` for all that are to be refused.
    private func looks() async throws -> [ThingLook] {
        let outcomes = try await Parallel.values(parts, atOnce: ThingRun.atOnce) { part in
            do {
                return Result<ThingLook, ActionError>.success(try await part.look())
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
