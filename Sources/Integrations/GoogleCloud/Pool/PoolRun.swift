import Domain

/// Makes all things of a pool what they are wanted to be: reads all of them at the same time, refuses before anything is
/// changed, and then makes turn by turn what differs, side by side within a turn.
struct PoolRun: Sendable {
    /// Reads, and then changes, at the same time.
    static let atOnce = 8

    var runs: [(kind: EnsuredKind, run: EnsureRun)]
    var context: ActionContext

    init(_ wishes: [(kind: EnsuredKind, wish: ResourceWish)], _ client: GoogleCloudClient, _ context: ActionContext) {
        runs = wishes.map { ($0.kind, EnsureRun(client: client, wish: $0.wish, context: context)) }
        self.context = context
    }

    func plan() async throws -> ActionPlan {
        var whole = ActionPlan(changes: [])
        for (_, plan) in try await plans() {
            whole.changes += plan.changes
            whole.notes += plan.notes
        }
        return whole
    }

    func perform() async throws -> JSONValue {
        let plans = try await plans()
        let notes = plans.flatMap(\.plan.notes)
        let unlike = zip(runs, plans).filter { !$0.1.plan.changes.isEmpty }.map(\.0)
        let counter = ProgressCount(unlike.count)
        var lines: [String] = []
        for turn in Set(unlike.map(\.kind.turn)).sorted() {
            let outcomes = await Parallel.run(unlike.filter { $0.kind.turn == turn }, atOnce: PoolRun.atOnce) {
                _, run in
                var run = run
                let tell = context.progress
                run.context.progress = { tell("\(counter.text): \($0)") }
                let result = try await run.perform()
                counter.next()
                return result.changes.map { "\(run.wish.title): \($0)" } + result.warnings
            }
            for case .success(let done)? in outcomes { lines += done }
            for case .failure(let error)? in outcomes { throw told(error, after: lines) }
        }
        let changed =
            unlike.isEmpty ? "nothing to do" : "\(unlike.count) of them made or changed"
        return [
            "things": .int(Int64(runs.count)), "changed": .int(Int64(unlike.count)),
            "summary": .string("\(runs.count) things, \(changed)"),
            "details": .string((lines + notes).joined(separator: "\n")),
        ]
    }

    /// Throws one `ActionError` for all that is refused.
    private func plans() async throws -> [(verdict: ResourceVerdict, plan: ActionPlan)] {
        let outcomes = try await Parallel.values(runs, atOnce: PoolRun.atOnce) { _, run in
            let verdict = try await run.verdict()
            do {
                return Result<(verdict: ResourceVerdict, plan: ActionPlan), ActionError>.success(
                    (verdict, try run.plan(verdict)))
            } catch let error as ActionError {
                return .failure(error)
            }
        }
        let refusals = outcomes.compactMap { outcome -> ActionError? in
            if case .failure(let error) = outcome { error } else { nil }
        }
        guard var first = refusals.first else { return try outcomes.map { try $0.get() } }
        if refusals.count > 1 {
            first.details = refusals.map(\.message).joined(separator: "\n")
            first.message += " (and \(refusals.count - 1) more)"
        }
        throw first
    }

    private func told(_ error: any Error, after lines: [String]) -> any Error {
        guard var told = error as? ActionError, !lines.isEmpty else { return error }
        told.mayHaveTakenEffect = true
        told.details = [told.details, "done before that: " + lines.joined(separator: "; ")].compactMap { $0 }
            .joined(separator: "\n")
        return told
    }
}
