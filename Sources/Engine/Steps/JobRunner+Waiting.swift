import Domain
import Foundation
import Logging

/// Waiting at a step: the job is held, and somebody looks from time to time.
extension JobRunner {
    /// How long a step waits for what is not there yet, unless its definition says otherwise.
    static let usualWait = Duration.seconds(3600)
    /// One look.
    static let lookTimeout = Duration.seconds(60)

    /// Looks whether what a held job waits for is there; it goes on when it is, or never will be.
    func lookAgain(_ id: JobID) async {
        do {
            guard let entry = await board.entry(id), let (action, step, definition) = awaited(entry),
                waitLeft(step, definition) > .zero, entry.stop.reason == nil
            else { return try await board.goOn(id) }
            var runner = stepRunner(entry.job, step, definition, entry.stop, limit: JobRunner.lookTimeout)
            runner.onlyPeeks = true
            switch await runner.run(action, step, isResumed: false) {
            case .notYet(let what, let pause, _):
                let until = time.now.advanced(by: min(pause, waitLeft(step, definition)))
                try await board.keepWaiting(id, reason: reason(what), until: until)
            case .timedOut:
                try await board.keepWaiting(
                    id, reason: entry.job.reason ?? "waits", until: time.now.advanced(by: .seconds(30)))
            case .output, .error, .stopped, .jobTimedOut, .cannotTell: try await board.goOn(id)
            }
        } catch {
            logger.warning("a waiting job is left for the next start", metadata: ["job": "\(id)", "error": "\(error)"])
        }
    }

    /// The step at which a held job waits; nil when it is another one by now.
    private func awaited(_ entry: JobBoard.Entry) -> (any AwaitingAction, Step, StepDefinition)? {
        let definitions = board.definitions.value
        guard let command = definitions.commands[entry.job.command], matches(entry.steps, command),
            let step = entry.steps.first(where: { !$0.state.isFinal }), step.index < command.steps.count
        else { return nil }
        let definition = command.steps[step.index]
        let scope = JobScope(job: entry.job, definitions: definitions).value(entry.steps)
        guard case .ready(let action as any AwaitingAction) = prepare(definition, scope, isPlanOnly: false) else {
            return nil
        }
        return (action, step, definition)
    }

    private func waitLeft(_ step: Step, _ definition: StepDefinition) -> Duration {
        (definition.timeout ?? JobRunner.usualWait) - time.now.since(step.startedAt ?? time.now)
    }

    private func reason(_ what: String) -> String { what.hasPrefix("waits ") ? what : "waits for \(what)" }

    /// Waits behind the oldest job of a line; nil when the step is the first.
    func park(behind line: String?, _ step: Step, _ job: Job, _ definition: StepDefinition) async throws
        -> StepVerdict?
    {
        guard let line, let first = await board.first(inLine: line), first < job.id else { return nil }
        var step = step
        step.state = .running
        step.attempt += 1
        step.startedAt = step.startedAt ?? time.now
        return try await park(
            step, "its turn after job \(first)", after: .seconds(30), JobWait(topic: nil, line: line, since: nil), job,
            definition)
    }

    /// Holds the job until something happens or `pause` is over. Nil when it is to stop instead.
    func park(
        _ waiting: Step, _ what: String, after pause: Duration, _ wait: JobWait, _ job: Job,
        _ definition: StepDefinition
    ) async throws -> StepVerdict? {
        var step = waiting
        let left = waitLeft(step, definition)
        guard left > .zero else {
            let limit = DurationText.human(definition.timeout ?? JobRunner.usualWait)
            return try await timedOut(step, "\(reason(what)), and that took longer than \(limit), its limit", job)
        }
        step.attempt -= 1
        step.progress = what
        try await board.apply(job.id, .stepsChanged([step]))
        let until = time.now.advanced(by: min(pause, left))
        if try await board.apply(job.id, .parked(wait, reason: reason(what), until: until)) { return .parked }
        // It is to stop; or the board does not know it any more.
        return await board.entry(job.id) == nil ? .interrupted : nil
    }
}
