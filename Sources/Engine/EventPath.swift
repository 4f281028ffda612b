package import Domain
package import Foundation

/// What may happen to a job.
package enum JobInput: Sendable {
    /// It was made: written for the first time.
    case made
    /// It stays in the queue, for this reason.
    case waits(reason: String)
    /// A step waits for something that is not there yet: the job leaves its locks and its place.
    case parked(JobWait, reason: String, until: Date)
    /// The time until which it was held has come.
    case holdEnded
    /// A newer job about the same has been made.
    case superseded(by: JobID)
    /// Its alert was resolved.
    case alertResolved
    /// It left the queue and takes its locks under this lease. Its guards have let it pass.
    case started(fencing: Int64, verdicts: [GuardVerdict] = [])
    /// A guard holds it back until then.
    case heldBack(reason: String, until: Date, by: String)
    /// The bot was started again: the run goes on, and takes the locks of the dead one over under this lease.
    case resumed(fencing: Int64)
    /// It was to leave the queue and does not make sense any more.
    case outdated(JobState, reason: String)
    /// Steps changed: one began, ended, or told its progress.
    case stepsChanged([Step])
    /// The steps have come to their end.
    case stepsEnded(StepsOutcome)
    /// The bot stops; the job goes on at its step after the next start.
    case interrupted
    /// Somebody wants it to stop.
    case cancelRequested(by: String)
    /// Somebody has looked whether the effect shows; the look began at this time.
    case looked(JobProof, at: Date)
    /// A person has looked what became of a job that nobody could tell of.
    case decided(JobState, by: String)
    /// A person has it tried again as this job: one that nobody could tell of, without a decision, or one that has ended.
    case triedAgain(as: JobID, by: String)
    /// A person takes its locks away and leaves it undecided.
    case unlocked(by: String)
    /// Nobody has looked for a while.
    case undecided
    /// It was to leave the queue, and the bot is frozen.
    case frozen(reason: String)
    /// A guard wants people to decide: it waits for an approval although its command has no `approvals`. Means nothing
    /// once people have allowed it for this very reason.
    case asked(reason: String)
    /// Something about its confirmation or its approval.
    case approval(ApprovalInput)
    /// It was under way in a backup that was put back: these steps ran then, and nobody can tell what became of them.
    case restored(reason: String, [Step])

    /// The steps that change with it.
    var changedSteps: [Step] {
        switch self {
        case .stepsChanged(let steps), .restored(_, let steps): steps
        default: []
        }
    }
}

/// How the steps of a job ended.
package enum StepsOutcome: Sendable, Hashable {
    case succeeded(reason: String?)
    case failed(reason: String)
    case cancelled(by: String)
    case timedOut(reason: String)
    /// What was asked for makes no sense any more, or a newer job has taken its place.
    case superseded(reason: String)
    /// Nobody can tell whether a step took effect.
    case unknown(reason: String)
}

/// The way of a job, in one place: what each input does in each state. Pure: it reads no clock and writes nothing; the
/// caller commits the change, and a restart enters at the stored state.
package enum EventPath {
    /// The job as it is after `input`, and what is to be written; nil when the input means nothing in its state.
    package static func next(_ job: Job, _ input: JobInput, now: Date, alertIsResolved: Bool = false) -> Transition? {
        switch job.state {
        case .held: held(job, input, now)
        case .waitingConfirmation, .waitingApproval: waiting(job, input, now)
        case .queued: queued(job, input, now)
        case .running: running(job, input, now, alertIsResolved)
        case .verifying: verifying(job, input, now)
        case .unknown: unknown(job, input, now)
        case .succeeded, .failed, .cancelled, .timedOut, .denied, .expired, .superseded: over(job, input, now)
        }
    }

    /// Who cancels a job whose alert is over.
    static let resolvedAlert = "the resolved alert"

    /// A job after an input, what else is written with it, and how it is told.
    package struct Transition: Sendable {
        package var job: Job
        package var writes: [LedgerWrite] = []
        package var audit: [AuditEntry] = []
        /// Whether the job's message is to say what is new.
        package var isTold = true
        /// Whether its details are told too, when it has ended.
        package var tellsDetails = true
        /// Whether people are called.
        package var isEscalated = false
        /// What is told about its approval by messages of their own.
        package var approvalNews: ApprovalNews?
        /// Whether its alert is known to be over.
        package var isAlertOver = false
        /// Whether the runner must stop the step that runs.
        package var stopsRun = false
    }

    private static func held(_ job: Job, _ input: JobInput, _ now: Date) -> Transition? {
        switch input {
        case .made: return made(job, now)
        case .holdEnded: return released(job, now)
        case .waits(let reason): return waits(job, reason)
        case .alertResolved:
            guard job.hasBegun else {
                return ended(job, .cancelled, "the alert resolved before the job began", now)
            }
            return job.guards.cancelOnResolve ? cancelled(released(job, now), by: resolvedAlert, now) : nil
        case .cancelRequested(let by):
            guard job.hasBegun else { return ended(job, .cancelled, "cancelled by \(by)", now, actor: by) }
            return cancelled(released(job, now), by: by, now)
        case .superseded(let newer):
            guard job.hasBegun else { return superseded(job, by: newer, now) }
            return replaced(released(job, now), by: newer, now)
        case .outdated(let state, let reason): return ended(job, state, reason, now)
        case .restored(let reason, let steps): return job.hasBegun ? lost(job, reason, steps, now) : nil
        case .asked(let reason): return asked(job, reason, now)
        case .started, .resumed, .parked, .stepsChanged, .stepsEnded, .interrupted, .looked, .decided,
            .triedAgain, .unlocked, .undecided, .frozen, .heldBack, .approval:
            return nil
        }
    }

    private static func waiting(_ job: Job, _ input: JobInput, _ now: Date) -> Transition? {
        switch input {
        case .made: made(job, now)
        case .cancelRequested(let by): ended(job, .cancelled, "cancelled by \(by)", now, actor: by)
        case .outdated(let state, let reason): ended(job, state, reason, now)
        case .superseded(let newer): superseded(job, by: newer, now)
        case .approval(let input): approval(job, input, now)
        case .asked(let reason): asked(job, reason, now)
        case .alertResolved:
            job.guards.cancelOnResolve
                ? ended(job, .cancelled, "the alert resolved before the job began", now) : nil
        case .holdEnded, .started, .resumed, .parked, .waits, .stepsChanged, .stepsEnded, .interrupted, .looked,
            .decided, .triedAgain, .unlocked, .undecided, .frozen, .restored, .heldBack:
            nil
        }
    }

    private static func queued(_ job: Job, _ input: JobInput, _ now: Date) -> Transition? {
        switch input {
        case .made: return made(job, now)
        case .started(let fencing, let verdicts):
            var job = job
            if !verdicts.isEmpty { job.verdicts = verdicts }
            var result = moved(job, to: .running, nil, now, guards: verdicts)
            result.job.startedAt = job.startedAt ?? now
            result.job.fencing = fencing
            result.writes = [.takeLocks(jobID: job.id, fencing: fencing, job.locks)]
            return result
        case .outdated(let state, let reason): return ended(job, state, reason, now)
        case .waits(let reason): return waits(job, reason)
        case .alertResolved:
            guard job.guards.cancelOnResolve else { return nil }
            guard job.hasBegun else {
                return ended(job, .cancelled, "the alert resolved before the job began", now)
            }
            return job.cancelledBy == nil ? cancelled(Transition(job: job), by: resolvedAlert, now) : nil
        case .cancelRequested(let by):
            guard job.hasBegun else { return ended(job, .cancelled, "cancelled by \(by)", now, actor: by) }
            return job.cancelledBy == nil ? cancelled(Transition(job: job), by: by, now) : nil
        case .superseded(let newer):
            guard job.hasBegun else { return superseded(job, by: newer, now) }
            return replaced(Transition(job: job), by: newer, now)
        case .frozen(let reason):
            var result = moved(job, to: .held, reason, now)
            // The time that it is held for does not count against its own.
            result.job.wait?.since = now
            return result
        case .heldBack(let reason, let until, let name):
            var result = moved(job, to: .held, reason, now)
            result.job.heldUntil = until
            result.job.heldBy = name
            // It is to run afterwards, if its alert still fires then.
            let span = Duration.milliseconds(job.startWithinMilliseconds ?? 0)
            result.job.startBefore = max(job.startBefore, until.advanced(by: span))
            return result
        case .asked(let reason): return asked(job, reason, now)
        case .restored(let reason, let steps): return job.hasBegun ? lost(job, reason, steps, now) : nil
        case .resumed, .holdEnded, .parked, .stepsChanged, .stepsEnded, .interrupted, .looked, .decided,
            .triedAgain, .unlocked, .undecided, .approval:
            return nil
        }
    }

    private static func running(_ job: Job, _ input: JobInput, _ now: Date, _ alertIsResolved: Bool) -> Transition? {
        switch input {
        case .stepsChanged(let steps):
            var result = Transition(job: job)
            result.job.reason = nil
            if steps.contains(where: \.state.isFinal) { result.job.wait = nil }
            result.writes = steps.map { .saveStep($0) }
            result.audit = steps.compactMap { stepAudit(job, $0, now) }
            return result
        case .alertResolved:
            guard job.guards.cancelOnResolve, job.cancelledBy == nil else { return nil }
            var result = cancelled(Transition(job: job), by: resolvedAlert, now)
            result.isTold = false
            return result
        case .cancelRequested(let by):
            guard job.cancelledBy == nil else { return nil }
            return cancelled(Transition(job: job), by: by, now)
        case .superseded(let newer): return replaced(Transition(job: job), by: newer, now)
        case .parked(let wait, let reason, let until):
            // It is to stop: the runner goes on and finds out.
            guard job.cancelledBy == nil, job.supersededBy == nil else { return nil }
            var result = moved(job, to: .held, reason, now)
            result.job.wait = wait
            result.job.wait?.since = now
            result.job.heldUntil = until
            result.job.fencing = nil
            result.writes = [.releaseLocks(jobID: job.id)]
            return result
        case .stepsEnded(let outcome): return stepsEnded(job, outcome, now, alertIsResolved)
        case .frozen(let reason):
            guard job.cancelledBy == nil, job.supersededBy == nil else { return nil }
            var result = moved(job, to: .held, reason, now)
            result.job.wait = JobWait(topic: nil, line: nil, since: now)
            result.job.fencing = nil
            result.writes = [.releaseLocks(jobID: job.id)]
            return result
        case .interrupted:
            var result = Transition(job: job)
            result.job.reason = "the bot is restarting; the job goes on at this step afterwards"
            result.audit = [audit(job, "job.interrupted", now)]
            return result
        case .resumed(let fencing):
            var result = Transition(job: job, isTold: false)
            result.job.fencing = fencing
            result.writes = [.takeLocks(jobID: job.id, fencing: fencing, job.locks)]
            result.audit = [audit(job, "job.resumed", now)]
            return result
        case .restored(let reason, let steps): return lost(job, reason, steps, now)
        case .approval(let input): return approval(job, input, now)
        case .made, .holdEnded, .started, .waits, .outdated, .looked, .decided, .triedAgain, .unlocked,
            .undecided, .heldBack, .asked:
            return nil
        }
    }

    private static func stepsEnded(_ job: Job, _ outcome: StepsOutcome, _ now: Date, _ alertIsResolved: Bool)
        -> Transition
    {
        switch outcome {
        case .succeeded(let reason):
            guard let verify = job.verify, !job.isPlanOnly else { return ended(job, .succeeded, reason, now) }
            return verifyingBegins(job, verify, reason, now, alertIsResolved)
        case .failed(let reason): return ended(job, .failed, reason, now)
        case .cancelled(let by): return ended(job, .cancelled, "cancelled by \(by)", now, actor: by)
        case .timedOut(let reason): return ended(job, .timedOut, reason, now)
        case .superseded(let reason): return ended(job, .superseded, reason, now)
        case .unknown(let reason): return lost(job, reason, [], now)
        }
    }

    private static func verifying(_ job: Job, _ input: JobInput, _ now: Date) -> Transition? {
        switch input {
        case .alertResolved: alertResolvedWhileVerifying(job, now)
        case .looked(let seen, let at): looked(job, seen, at, now)
        case .cancelRequested(let by): ended(job, .cancelled, "cancelled by \(by) after all steps", now, actor: by)
        case .restored(let reason, let steps): lost(job, reason, steps, now)
        case .made, .holdEnded, .started, .resumed, .parked, .superseded, .waits, .outdated, .stepsChanged, .stepsEnded,
            .interrupted, .decided, .triedAgain, .unlocked, .undecided, .frozen, .heldBack, .asked, .approval:
            nil
        }
    }

    // MARK: Parts of a transition

    private static func made(_ made: Job, _ now: Date) -> Transition {
        var result = askingFirst(Transition(job: made))
        let job = result.job
        var detail: [String: JSONValue] = [
            "command": .string(job.commandLine), "state": .string(job.state.rawValue), "plan": .bool(job.isPlanOnly),
        ]
        if let eventID = job.eventID { detail["event"] = .int(eventID) }
        if let reason = job.reason { detail["reason"] = .string(reason) }
        if let verdicts = job.verdicts { detail["guards"] = .array(verdicts.map(\.json)) }
        result.audit = [
            AuditEntry(
                time: now, actor: job.requester.description, kind: "job.created", subject: "job/\(job.id)",
                detail: .object(detail))
        ]
        return result
    }

    static func moved(
        _ job: Job, to state: JobState, _ reason: String?, _ now: Date, guards: [GuardVerdict] = []
    ) -> Transition {
        var result = Transition(job: job)
        result.job.state = state
        result.job.reason = reason
        result.job.heldUntil = nil
        result.job.heldBy = nil
        var entry = audit(result.job, "job.\(state.rawValue)", now)
        if !guards.isEmpty, case .object(var detail) = entry.detail {
            detail["guards"] = .array(guards.map(\.json))
            entry.detail = .object(detail)
        }
        result.audit = [entry]
        return result
    }

    private static func waits(_ job: Job, _ reason: String) -> Transition? {
        guard job.reason != reason else { return nil }
        var result = Transition(job: job)
        result.job.reason = reason
        return result
    }

    /// A held job goes back into the queue.
    private static func released(_ job: Job, _ now: Date) -> Transition {
        var result = askingFirst(moved(job.firesLongEnough, to: .queued, nil, now))
        if let since = job.wait?.since {
            result.job.waitedMilliseconds += now.since(since).milliseconds
            result.job.wait?.since = nil
            // It comes back only to look: that is no news.
            result.isTold = false
        }
        return result
    }

    /// A job that has begun is to stop: its runner finds out, cleans up and ends it.
    private static func cancelled(_ transition: Transition, by actor: String, _ now: Date) -> Transition {
        var result = transition
        result.job.cancelledBy = actor
        result.audit.append(audit(result.job, "job.cancel-requested", now, actor: actor))
        result.stopsRun = true
        return result
    }

    /// As `cancelled`, for a newer job.
    private static func replaced(_ transition: Transition, by newer: JobID, _ now: Date) -> Transition? {
        guard transition.job.supersededBy == nil, transition.job.cancelledBy == nil else { return nil }
        var result = transition
        result.job.supersededBy = newer
        result.audit.append(audit(result.job, "job.supersede-requested", now, actor: "job/\(newer)"))
        result.stopsRun = true
        return result
    }

    /// A job that has not begun gives its place to a newer one.
    private static func superseded(_ job: Job, by newer: JobID, _ now: Date) -> Transition {
        var job = job
        job.supersededBy = newer
        return ended(job, .superseded, "job \(newer) has taken its place", now)
    }

    static func ended(_ job: Job, _ state: JobState, _ reason: String?, _ now: Date, actor: String = "defimon")
        -> Transition
    {
        var result = moved(job, to: state, reason, now)
        result.job.endedAt = now
        result.audit = [audit(result.job, "job.\(state.rawValue)", now, actor: actor)]
        result.writes = [.releaseLocks(jobID: job.id)]
        return result
    }

    static func audit(_ job: Job, _ kind: String, _ now: Date, actor: String = "defimon") -> AuditEntry {
        AuditEntry(
            time: now, actor: actor, kind: kind, subject: "job/\(job.id)",
            detail: .object(job.reason.map { ["reason": .string($0)] } ?? [:]))
    }

    static func stepAudit(_ job: Job, _ step: Step, _ now: Date) -> AuditEntry? {
        // Progress alone is no event: a running step is recorded once per try, when it has no progress yet.
        if step.state == .pending || (step.state == .running && step.progress != nil) { return nil }
        var detail: [String: JSONValue] = [
            "step": .string(step.name), "action": .string(step.action), "attempt": .int(Int64(step.attempt)),
        ]
        if let error = step.error { detail["error"] = .string(error) }
        return AuditEntry(
            time: now, actor: "defimon", kind: "step.\(step.state.rawValue)",
            subject: "job/\(job.id)/step/\(step.index)", detail: .object(detail))
    }
}

extension Job {
    /// Whether its first step has begun: from then on its runner ends it.
    var hasBegun: Bool { startedAt != nil }

    /// Why its run is to stop, when it is.
    var stopReason: StopReason? {
        if let supersededBy { return .superseded(by: supersededBy) }
        return cancelledBy.map { .cancelled(by: $0) }
    }
}
