import Domain
import Foundation
import Logging

/// Plans before anybody is asked, and again when a job that was approved holds its locks. Nothing of it is written: a
/// restart plans anew.
extension JobRunner {
    /// How long all steps' plans together may take.
    static let planningLimit = Duration.seconds(600)

    enum Planning {
        case planned(Planned)
        case failed(String)
        case stopped(StopReason)
    }

    /// Plans a waiting job and hands the plan to the board.
    func planAhead(_ id: JobID) async {
        do {
            if let entry = await board.entry(id), entry.job.approval?.plan == nil {
                switch await planAll(entry) {
                case .planned(let planned):
                    let sets = ApprovalSets(definitions: board.definitions.value)
                    try await board.apply(
                        id,
                        .approval(
                            .planned(
                                planned.plan, sets: sets.applying(to: entry.job, planned), otherwise: sets.otherwise)))
                case .failed(let reason): try await board.apply(id, .outdated(.failed, reason: reason))
                case .stopped: break
                }
            }
        } catch {
            logger.warning("a job is planned after the next start", metadata: ["job": "\(id)", "error": "\(error)"])
        }
        await board.endPlanning(id)
    }

    enum Gate {
        case goOn
        /// It waits for people again, or has ended.
        case leave
        case interrupted
    }

    /// Looks whether what was approved still holds: the approvers' roles, and the plan. Only before the first step.
    func approvalHolds(_ entry: JobBoard.Entry) async throws -> Gate {
        let job = entry.job
        guard let approval = job.approval, !approval.sets.isEmpty, let approved = approval.plan,
            entry.steps.allSatisfy({ $0.state == .pending })
        else { return .goOn }
        if let lost = votesLost(job, approval) {
            return try await board.apply(job.id, .approval(lost)) ? .leave : .goOn
        }
        switch await planAll(entry) {
        case .planned(let planned) where planned.plan.hash == approved.hash: return .goOn
        case .planned(let planned):
            let sets = ApprovalSets(definitions: board.definitions.value).applying(to: job, planned)
            return try await board.apply(job.id, .approval(.planChanged(planned.plan, sets: sets))) ? .leave : .goOn
        case .failed(let reason):
            try await board.apply(job.id, .stepsEnded(.failed(reason: reason)))
            return .leave
        case .stopped(.shutdown): return .interrupted
        case .stopped: return .goOn
        }
    }

    /// The votes as they count with the roles of now, when they are too few.
    private func votesLost(_ job: Job, _ approval: JobApproval) -> ApprovalInput? {
        let definitions = board.definitions.value
        var now = job
        var lost: [String] = []
        now.approval?.votes = approval.votes.compactMap { vote in
            guard let person = definitions.person(vote.identity), person.id == vote.person else {
                lost.append(vote.person)
                return nil
            }
            var vote = vote
            vote.roles = person.roles.sorted()
            let counts = approval.sets.contains { ApprovalTally.hasRole(vote.roles, $0) }
            if !counts { lost.append(vote.person) }
            return counts ? vote : nil
        }
        if ApprovalTally(job: now, now: time.now).isFilled { return nil }
        let who = lost.isEmpty ? "an approver" : lost.joined(separator: " and ")
        return .votesLost(reason: "\(who) may not approve it any more", left: now.approval?.votes ?? [])
    }

    // MARK: All steps

    func planAll(_ entry: JobBoard.Entry) async -> Planning {
        let definitions = board.definitions.value
        guard let command = definitions.commands[entry.job.command], matches(entry.steps, command) else {
            return .failed("the definition of '\(entry.job.command)' changed before the job began")
        }
        let limit = min(JobRunner.planningLimit, .milliseconds(entry.job.timeoutMilliseconds))
        let deadline = time.now.advanced(by: limit)
        var plan = PlanSum(steps: entry.steps)
        for (index, definition) in command.steps.enumerated() {
            let scope = JobScope(job: entry.job, definitions: definitions).value(plan.steps)
            let need = StepNeed(definition, scope, planned: plan.steps)
            switch need {
            case .skipped(let reason):
                plan.skip(index, definition, reason)
                continue
            case .knownLater(let note):
                plan.add(index, definition, ["later": definition.input.json], lines: [note])
                continue
            case .needed: break
            }
            switch prepare(definition, scope, isPlanOnly: true) {
            case .later(let note): plan.add(index, definition, ["later": definition.input.json], lines: [note])
            case .wrong(let message): return .failed("the plan failed at step '\(definition.name)': \(message)")
            case .ready(let action):
                // It was filled in for the action just now.
                let input = (try? definition.input.rendered(scope).json) ?? definition.input.json
                guard let plannable = action as? any Plannable else {
                    plan.add(index, definition, ["input": input])
                    continue
                }
                let action = PlanAction(plannable: plannable, conditions: need.conditions)
                switch await planStep(action, plan.steps[index], definition, entry, deadline) {
                case .failure(.failed(let message)):
                    return .failed("the plan failed at step '\(definition.name)': \(message)")
                case .failure(.stopped(let reason)): return .stopped(reason)
                case .success(let found): plan.add(index, definition, ["input": input], found)
                }
            }
        }
        return .planned(plan.planned(command, entry.job, board.redactor))
    }

    private enum PlanFailure: Error {
        case failed(String)
        case stopped(StopReason)
    }

    /// An error that passes by itself is tried again, as the step's own would be.
    private func planStep(
        _ action: PlanAction, _ planned: Step, _ definition: StepDefinition, _ entry: JobBoard.Entry,
        _ deadline: Date
    ) async -> Result<ActionPlan, PlanFailure> {
        var step = planned
        while true {
            step.attempt += 1
            let found = PlanBox()
            let runner = StepRunner(
                time: time, stop: entry.stop, jobRemaining: deadline.since(time.now), stepTimeout: definition.timeout,
                kept: LedgerKeptValues(reader: board.reader), save: { _, _ in })
            var action = action
            action.box = found
            switch await runner.run(action, step, isResumed: false) {
            case .output:
                if let plan = found.plan { return .success(plan) }
                return .failure(.failed("it gave no plan"))
            case .error(let error):
                guard case .later(let after) = error.retry, step.attempt < definition.retry.attempts else {
                    return .failure(.failed(error.message))
                }
                let backoff = definition.retry.wait(afterAttempt: step.attempt, random: random())
                let wait = max(backoff, after.map { .milliseconds($0) } ?? .zero)
                guard wait < deadline.since(time.now) else { return .failure(.failed(error.message)) }
                await pause(wait, entry.stop)
                if let reason = entry.stop.reason { return .failure(.stopped(reason)) }
            case .stopped(let reason): return .failure(.stopped(reason))
            case .timedOut, .jobTimedOut, .cannotTell, .notYet: return .failure(.failed("it took too long"))
            }
        }
    }
}

/// Gathers the plans of steps.
private struct PlanSum {
    var steps: [Step]
    private var hashed: [JSONValue] = []
    private var parts: [JobPlan.Part] = []
    private var changes = 0
    private var deletions = 0

    init(steps: [Step]) { self.steps = steps }

    mutating func skip(_ index: Int, _ definition: StepDefinition, _ reason: String) {
        add(index, definition, ["skipped": .string(reason)])
        steps[index].state = .skipped
    }

    mutating func add(
        _ index: Int, _ definition: StepDefinition, _ known: [String: JSONValue],
        _ found: ActionPlan = ActionPlan(changes: []), lines: [String] = []
    ) {
        var record = known
        record["step"] = .string(definition.id)
        record["action"] = .string(definition.action)
        record["changes"] = .array(found.changes.map(JSONValue.string))
        record["later"] = record["later"] ?? .array(found.knownLater.map(JSONValue.string))
        if !found.notes.isEmpty { record["notes"] = .array(found.notes.map(JSONValue.string)) }
        let value = JSONValue.object(record)
        hashed.append(value)
        changes += found.changes.count
        deletions += found.deletions
        let shown = lines + found.changes + found.knownLater.map { "known later: \($0)" } + found.notes
        parts.append(
            JobPlan.Part(
                name: definition.name,
                hash: String(Hex.encode(SHA256Digest.of(value.canonicalBytes)).prefix(16)), lines: shown))
        steps[index].output = PlanAction.output(of: found)
    }

    func planned(_ command: CommandDefinition, _ job: Job, _ redactor: Redactor) -> Planned {
        let all: JSONValue = [
            "command": .string(command.name), "version": .string(command.version),
            "arguments": .object(job.arguments), "steps": .array(hashed),
        ]
        return Planned(
            plan: JobPlan(
                hash: Hex.encode(SHA256Digest.of(all.canonicalBytes)), changes: changes, deletions: deletions,
                parts: bounded(redactor)), steps: steps)
    }

    /// What is kept for people; the hash covers all. Secrets go before a line is cut, which could leave a part of one.
    private func bounded(_ redactor: Redactor) -> [JobPlan.Part] {
        var left = JobPlan.mostLines
        return parts.map { part in
            var part = part
            let all = part.lines.count
            part.lines = part.lines.prefix(left).map { whole in
                let line = redactor.redact(whole)
                return line.count > JobPlan.longestLine ? line.prefix(JobPlan.longestLine) + "…" : line
            }
            left -= part.lines.count
            if part.lines.count < all { part.lines.append("and \(all - part.lines.count) more") }
            return part
        }
    }
}
