import Domain

/// Runs a program that may run again, or that another one can be asked about: whether all is done already.
struct RepeatableRunAction: RepeatableAction, Plannable, StoppableAction {
    let wish: RunWish
    /// Ends with 0 when nothing is left to do.
    let doneWhen: [String]?

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        ActionPlan(changes: try await isDone(context) ? [] : [wish.planned])
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await waitForEarlier(context)
        if try await isDone(context) {
            return [
                "exit_code": 0, "output": "", "changed": false,
                "summary": .string("\(wish.target.host): nothing to do"),
            ]
        }
        let result = try await wish.run(isRepeatable: true, context)
        if doneWhen != nil, !(try await isDone(context)) {
            throw ActionError(
                "host \(wish.target.host): \(wish.arguments.first ?? "") ended with \(result.ending), and what it should "
                    + "have done is not done",
                mayHaveTakenEffect: true, hint: "it is not done as long as 'done_when' does not end with 0",
                details: HostTarget.text(result))
        }
        return wish.outputs(result)
    }

    func stop(_ context: ActionContext) async throws { try await wish.target.end(context) }

    /// What an earlier try has begun may run still, when the bot was away or the connection broke: it is not run twice
    /// at once.
    private func waitForEarlier(_ context: ActionContext) async throws {
        let target = wish.target
        while try await target.attempt({
            try await target.hosts.isRunning(context.idempotencyKey, on: target.host, for: context.jobID)
        }) {
            context.progress("host \(target.host): waits for the end of what an earlier try has begun")
            try await context.time.sleep(for: .seconds(2))
        }
    }

    private func isDone(_ context: ActionContext) async throws -> Bool {
        guard let doneWhen else { return false }
        let result = try await wish.target.run(
            HostCommand(doneWhen, limit: .seconds(60), longestOutput: RunWish.longestOutput), changes: false, context)
        guard ![126, 127].contains(result.ending.shellStatus) else {
            throw wish.target.failure(doneWhen, result, changes: false)
        }
        return result.isSuccess
    }
}
