import Domain
import Foundation
import Logging

/// Runs the steps of one job, from the first that is not done, and tells the board how they ended.
struct JobRunner: Sendable {
    /// The most output a step may keep, in bytes of its canonical JSON.
    static let longestOutput = 64 * 1024

    var board: JobBoard
    var catalogue: ActionCatalogue
    var time: any TimeSource
    var logger: Logger
    var random: @Sendable () -> Double

    enum StepVerdict {
        case goOn
        case end(StepsOutcome)
        case interrupted
        /// It waits for something: the job is held.
        case parked
    }

    /// How a run of a job's steps came to its end.
    private enum RunEnd {
        case steps(StepsOutcome)
        case interrupted
        case parked
    }

    func run(_ id: JobID, isResumed: Bool) async {
        do {
            guard let entry = await board.entry(id) else { return }
            let definitions = board.definitions.value
            guard let command = definitions.commands[entry.job.command], matches(entry.steps, command) else {
                let reason = "the definition of '\(entry.job.command)' changed while the job was under way"
                try await board.apply(
                    id, .stepsEnded(isResumed ? .unknown(reason: reason) : .failed(reason: reason)))
                return
            }
            switch try await approvalHolds(entry) {
            case .goOn: break
            case .leave: return
            case .interrupted:
                try await board.apply(id, .interrupted)
                return
            }
            switch try await runSteps(id, command, definitions, isResumed: isResumed) {
            case .steps(let outcome): try await board.apply(id, .stepsEnded(outcome))
            case .interrupted: try await board.apply(id, .interrupted)
            case .parked: break
            }
        } catch {
            // The ledger is closed: the job stays as it is written and goes on after the next start.
            logger.warning("a job is left for the next start", metadata: ["job": "\(id)", "error": "\(error)"])
        }
    }

    func matches(_ steps: [Step], _ command: CommandDefinition) -> Bool {
        let all = command.steps + command.onFailure.steps
        return steps.count == all.count && zip(steps, all).allSatisfy { $0.action == $1.action && $0.stepID == $1.id }
    }

    private func runSteps(
        _ id: JobID, _ command: CommandDefinition, _ definitions: DefinitionSet, isResumed: Bool
    ) async throws -> RunEnd {
        var outcome = StepsOutcome.succeeded(reason: nil)
        for (index, definition) in command.steps.enumerated() {
            guard let entry = await board.entry(id) else { return .interrupted }
            if let end = earlierEnd(of: entry.steps[index], entry.job) {
                // It ended so before the bot did; the job's own end was not written any more.
                outcome = end
                if entry.job.isPlanOnly, case .failed = outcome { continue }
                break
            }
            if entry.steps[index].state.isFinal { continue }
            if try await holdsForFreeze(entry, entry.steps[index]) { return .parked }
            switch try await runStep(entry, index, definition, definitions, isResumed: isResumed) {
            case .goOn: continue
            case .interrupted: return .interrupted
            case .parked: return .parked
            case .end(let end): outcome = end
            }
            if entry.job.isPlanOnly, case .failed = outcome { continue }
            break
        }
        if await board.entry(id)?.job.isPlanOnly == true { return .steps(try await planOutcome(id, outcome)) }
        if case .succeeded = outcome { return .steps(outcome) }
        guard let end = try await cleanUp(id, command, definitions, outcome) else { return .interrupted }
        return .steps(end)
    }

    /// Between two steps is a safe place to stop: nothing is changed in a freeze that has come meanwhile.
    private func holdsForFreeze(_ entry: JobBoard.Entry, _ next: Step) async throws -> Bool {
        guard next.state == .pending, catalogue[next.action]?.effect != .reads,
            let freeze = await board.freezeHolding(entry.job)
        else { return false }
        return try await board.apply(entry.job.id, .frozen(reason: freeze.words))
    }

    /// The outcome that a step of an earlier run has already decided; nil when the job goes on at or after it.
    private func earlierEnd(of step: Step, _ job: Job) -> StepsOutcome? {
        let reason = "step '\(step.name)': \(step.error ?? "")"
        switch step.state {
        case .pending, .running, .succeeded, .skipped: return nil
        case .failed: return .failed(reason: reason)
        case .timedOut: return .timedOut(reason: reason)
        case .cancelled where step.isOutdated == true: return .superseded(reason: step.error ?? "")
        case .cancelled: return stopOutcome(job.stopReason ?? .cancelled(by: "somebody"))
        case .unknown: return .unknown(reason: reason)
        }
    }

    private func stopOutcome(_ reason: StopReason) -> StepsOutcome? {
        switch reason {
        case .cancelled(let by): .cancelled(by: by)
        case .superseded(let newer): .superseded(reason: "job \(newer) has taken its place")
        case .shutdown: nil
        }
    }

    private func planOutcome(_ id: JobID, _ outcome: StepsOutcome) async throws -> StepsOutcome {
        guard case .succeeded = outcome else { return outcome }
        let steps = await board.entry(id)?.steps ?? []
        let changes = steps.reduce(0) { $0 + ($1.output?["changes"]?.intValue ?? 0) }
        guard changes == 0 else {
            return .succeeded(reason: "This is what it would change (\(changes)). Nothing was changed.")
        }
        let later = steps.filter { ($0.output?["later"]?.intValue ?? 0) > 0 }.map(\.name)
        return .succeeded(
            reason: later.isEmpty
                ? "Nothing to do: everything is as it should be. Nothing was changed."
                : "Nothing to do, as far as it can be told before; known when it runs: "
                    + "\(later.prefix(5).joined(separator: ", "))\(later.count > 5 ? ", …" : ""). Nothing was changed.")
    }

    /// `on_failure` brings the world into a named state; its steps run once each. Nil when the bot stops.
    private func cleanUp(
        _ id: JobID, _ command: CommandDefinition, _ definitions: DefinitionSet, _ outcome: StepsOutcome
    ) async throws -> StepsOutcome? {
        if case .unknown = outcome { return outcome }
        for (offset, definition) in command.onFailure.steps.enumerated() {
            guard let entry = await board.entry(id) else { return nil }
            let index = command.steps.count + offset
            if entry.steps[index].state.isFinal { continue }
            var once = definition
            once.retry = RetryPolicy(attempts: 1)
            if case .interrupted = try await runStep(
                entry, index, once, definitions, isResumed: false, ignoresStop: true)
            {
                return nil
            }
        }
        return outcome
    }

    private func runStep(
        _ entry: JobBoard.Entry, _ index: Int, _ definition: StepDefinition, _ definitions: DefinitionSet,
        isResumed: Bool, ignoresStop: Bool = false
    ) async throws -> StepVerdict {
        var step = entry.steps[index]
        let job = entry.job
        let scope = JobScope(job: job, definitions: definitions).value(entry.steps)
        let need = StepNeed(definition, scope, planned: job.isPlanOnly ? entry.steps : [])
        if step.state == .pending, case .skipped(let reason) = need {
            step.state = .skipped
            step.output = ["summary": .string(reason)]
            try await board.apply(job.id, .stepsChanged([step]))
            return .goOn
        }
        if case .knownLater(let note) = need { return try await knownLater(step, note, job, definition) }
        let action: any Action
        switch prepare(definition, scope, isPlanOnly: job.isPlanOnly) {
        case .ready(let ready): action = ready
        case .later(let note): return try await knownLater(step, note, job, definition)
        case .wrong(let message): return try await fail(step, ActionError(message), job)
        }
        if job.isPlanOnly { return try await plan(action, step, job, definition, need.conditions, stop: entry.stop) }
        let stop = ignoresStop ? StopSignal() : entry.stop
        return try await attempts(action, step, job, definition, stop: stop, isResumed: isResumed)
    }

    private func attempts(
        _ action: any Action, _ first: Step, _ job: Job, _ definition: StepDefinition, stop: StopSignal,
        isResumed: Bool
    ) async throws -> StepVerdict {
        var step = first
        let wasRunning = isResumed && step.state == .running
        while true {
            if let reason = stop.reason {
                if step.attempt > 0, reason != .shutdown {
                    let runner = stepRunner(job, step, definition, stop, limit: definition.timeout)
                    await runner.endWork(of: action, step)
                    step = await board.entry(job.id)?.steps[step.index] ?? step
                }
                return try await stopped(step, reason, job)
            }
            if let action = action as? any AwaitingAction {
                if let verdict = try await park(behind: action.line, step, job, definition) { return verdict }
            }
            step.state = .running
            step.attempt += 1
            step.startedAt = step.startedAt ?? time.now
            step.progress = nil
            step.retryAt = nil
            try await board.apply(job.id, .stepsChanged([step]))
            let limit = action is any AwaitingAction ? JobRunner.lookTimeout : definition.timeout
            let runner = stepRunner(job, step, definition, stop, limit: limit)
            let end = await runner.run(action, step, isResumed: wasRunning)
            step = await board.entry(job.id)?.steps[step.index] ?? step
            switch end {
            case .output(let output):
                step.state = .succeeded
                step.output = bounded(output)
                step.error = nil
                step.progress = nil
                step.endedAt = time.now
                try await board.apply(job.id, .stepsChanged([step]))
                return .goOn
            case .error(let error):
                guard case .later(let after) = error.retry, step.attempt < definition.retry.attempts else {
                    return try await fail(step, error, job)
                }
                let backoff = definition.retry.wait(afterAttempt: step.attempt, random: random())
                let wait = max(backoff, after.map { .milliseconds($0) } ?? .zero)
                guard wait < jobRemaining(job) else { return try await fail(step, error, job) }
                step.error = error.message
                step.retryAt = time.now.advanced(by: wait)
                step.progress = nil
                try await board.apply(job.id, .stepsChanged([step]))
                await pause(wait, stop)
            case .notYet(let what, let pause, let topic):
                let wait = JobWait(topic: topic, line: (action as? any AwaitingAction)?.line, since: nil)
                guard let verdict = try await park(step, what, after: pause, wait, job, definition) else { continue }
                return verdict
            case .stopped(let reason): return try await stopped(step, reason, job)
            case .timedOut where action is any AwaitingAction:
                step.state = .running
                guard
                    let verdict = try await park(
                        step, "an answer, which did not come in time", after: .seconds(30),
                        JobWait(topic: nil, line: (action as? any AwaitingAction)?.line, since: nil), job, definition)
                else { continue }
                return verdict
            case .timedOut(let limit):
                return try await timedOut(step, "it took longer than \(DurationText.human(limit)), its limit", job)
            case .jobTimedOut:
                let limit = DurationText.human(.milliseconds(job.timeoutMilliseconds))
                return try await timedOut(step, "the job took longer than \(limit), its limit", job)
            case .cannotTell:
                step.state = .unknown
                step.endedAt = time.now
                step.error = "the provider cannot tell whether it took effect"
                try await board.apply(job.id, .stepsChanged([step]))
                return .end(.unknown(reason: "step '\(step.name)': the provider cannot tell whether it took effect"))
            }
        }
    }

    func stepRunner(
        _ job: Job, _ step: Step, _ definition: StepDefinition, _ stop: StopSignal, limit: Duration?
    ) -> StepRunner {
        // A job without a lease only looks.
        let lease = job.isPlanOnly ? nil : job.fencing.map { KeptLease(board: board, jobID: job.id, fencing: $0) }
        return StepRunner(
            time: time, stop: stop, jobRemaining: jobRemaining(job), stepTimeout: limit,
            kept: LedgerKeptValues(reader: board.reader, lease: lease),
            save: { handle, progress in
                guard var current = await board.entry(job.id)?.steps[step.index], current.state == .running else {
                    return
                }
                if let handle { current.handle = handle }
                if let progress { current.progress = progress }
                try await board.apply(job.id, .stepsChanged([current]))
            })
    }

    private func jobRemaining(_ job: Job) -> Duration {
        let now = time.now
        // While it waits its time stands still.
        let waiting = job.wait?.since.map { now.since($0) } ?? .zero
        return .milliseconds(job.timeoutMilliseconds + job.waitedMilliseconds) + waiting
            - now.since(job.startedAt ?? now)
    }

    func pause(_ wait: Duration, _ stop: StopSignal) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await time.sleep(for: wait) }  // cancelled when the stop came first
            group.addTask { _ = await stop.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: Preparing

    enum Prepared {
        case ready(any Action)
        /// A plan cannot know yet.
        case later(String)
        case wrong(String)
    }

    func prepare(_ definition: StepDefinition, _ scope: JSONValue, isPlanOnly: Bool) -> Prepared {
        guard let type = catalogue[definition.action] else {
            return .wrong("there is no action '\(definition.action)'")
        }
        let input: LocatedValue
        do { input = try definition.input.rendered(scope) } catch let error as Template.Missing {
            if isPlanOnly, error.path.hasPrefix("steps.") { return .later("known after {{\(error.path)}}") }
            return .wrong("nothing provides {{\(error.path)}}")
        } catch {
            return .wrong("the inputs cannot be filled in: \(error)")
        }
        var reader = InputReader.reading(input)
        let action = type.make(&reader)
        reader.finish()
        guard reader.problems.isEmpty else {
            return .wrong(reader.problems.map { $0.message + ($0.fix.map { "; \($0)" } ?? "") }.joined(separator: "\n"))
        }
        return .ready(action)
    }

    /// What a plan cannot tell of a step.
    private func knownLater(_ planned: Step, _ note: String, _ job: Job, _ definition: StepDefinition) async throws
        -> StepVerdict
    {
        var step = planned
        step.state = .succeeded
        let changes = catalogue[definition.action]?.effect == .changes
        step.output = ["summary": .string(note), "later": .int(changes ? 1 : 0)]
        try await board.apply(job.id, .stepsChanged([step]))
        return .goOn
    }

    private func plan(
        _ action: any Action, _ first: Step, _ job: Job, _ definition: StepDefinition, _ conditions: [String],
        stop: StopSignal
    ) async throws -> StepVerdict {
        var step = first
        step.attempt += 1
        step.startedAt = time.now
        guard let action = action as? any Plannable else {
            step.state = .succeeded
            step.output = ["summary": "looks only, changes nothing"]
            step.startedAt = nil
            try await board.apply(job.id, .stepsChanged([step]))
            return .goOn
        }
        step.state = .running
        try await board.apply(job.id, .stepsChanged([step]))
        let end = await stepRunner(job, step, definition, stop, limit: definition.timeout).run(
            PlanAction(plannable: action, conditions: conditions), step, isResumed: false)
        switch end {
        case .output(let output):
            step.state = .succeeded
            step.output = bounded(output)
            step.endedAt = time.now
            try await board.apply(job.id, .stepsChanged([step]))
            return .goOn
        case .error(let error): return try await fail(step, error, job)
        case .stopped(let reason): return try await stopped(step, reason, job)
        case .timedOut, .jobTimedOut, .cannotTell, .notYet:
            return try await timedOut(step, "the plan took too long", job)
        }
    }

    // MARK: Ends

    private func fail(_ failed: Step, _ error: ActionError, _ job: Job) async throws -> StepVerdict {
        var step = failed
        // What makes no sense any more is no failure.
        step.state = error.isOutdated ? .cancelled : .failed
        step.isOutdated = error.isOutdated ? true : nil
        step.error = String(error.message.prefix(2000))
        step.hint = error.hint
        step.progress = nil
        step.endedAt = time.now
        if let details = error.details { step.output = bounded(["details": .string(details)]) }
        try await board.apply(job.id, .stepsChanged([step]))
        if error.isOutdated { return .end(.superseded(reason: step.error ?? "")) }
        return .end(.failed(reason: "step '\(step.name)' failed: \(step.error ?? "")"))
    }

    private func stopped(_ running: Step, _ reason: StopReason, _ job: Job) async throws -> StepVerdict {
        guard let outcome = stopOutcome(reason) else { return .interrupted }
        var step = running
        let word = if case .superseded = reason { "superseded" } else { "cancelled" }
        step.error = step.attempt == 0 ? "\(word) before it began" : "\(word) while it ran; it may have taken effect"
        if let progress = step.progress, progress.hasPrefix(StepRunner.notEnded) { step.error? += "; " + progress }
        step.state = .cancelled
        step.progress = nil
        step.endedAt = time.now
        try await board.apply(job.id, .stepsChanged([step]))
        return .end(outcome)
    }

    func timedOut(_ running: Step, _ message: String, _ job: Job) async throws -> StepVerdict {
        var step = running
        step.state = .timedOut
        step.error = message + (step.progress.map { "; last seen: \($0)" } ?? "")
        step.progress = nil
        step.endedAt = time.now
        try await board.apply(job.id, .stepsChanged([step]))
        return .end(.timedOut(reason: "step '\(step.name)': \(message)"))
    }

    private func bounded(_ output: JSONValue) -> JSONValue {
        guard output.canonicalText.utf8.count > JobRunner.longestOutput else { return output }
        var members = output.objectValue ?? [:]
        if let details = members["details"]?.stringValue {
            members["details"] = .string(String(details.prefix(JobRunner.longestOutput / 8)) + "\n… (cut)")
        }
        let cut = JSONValue.object(members)
        return cut.canonicalText.utf8.count > JobRunner.longestOutput
            ? ["summary": .string("the output was larger than \(JobRunner.longestOutput) bytes")] : cut
    }
}
