import Domain
import Foundation

/// Confirmation and approval: what brings a job there, and how it leaves.
extension EventPath {
    /// Reasons for asking that one job may gather.
    static let mostAsks = 10

    static let plansFirst = "plans what it would change, before anybody is asked"

    /// A job that is to go into the queue goes to the people first, if it must.
    static func askingFirst(_ transition: Transition) -> Transition {
        var result = transition
        guard result.job.state == .queued, result.job.mustAsk else { return result }
        var approval = result.job.approval ?? JobApproval()
        approval.plan = nil
        result.job.approval = approval
        result.job.state = approval.lacksConfirmation ? .waitingConfirmation : .waitingApproval
        result.job.reason = plansFirst
        return result
    }

    /// A guard has people decide about a job that has not begun. Nil when they have allowed it for this reason already.
    static func asked(_ job: Job, _ reason: String, _ now: Date) -> Transition? {
        guard !job.isPlanOnly, !job.hasBegun else { return nil }
        let reason = String(reason.prefix(300))
        var asks = job.asks ?? []
        if asks.contains(reason) {
            if job.approval?.isSettled ?? false { return nil }
            if [.waitingApproval, .waitingConfirmation].contains(job.state) { return nil }
        } else {
            asks = asks.suffix(mostAsks - 1) + [reason]
        }
        var approval = job.approval ?? JobApproval()
        approval.plan = nil
        approval.votes = []
        approval.isSettled = false
        approval.difference = []
        var result = Transition(job: job)
        result.job.asks = asks
        result.job.approval = approval
        result.job.state = approval.lacksConfirmation ? .waitingConfirmation : .waitingApproval
        result.job.heldUntil = nil
        result.job.reason = plansFirst
        result.audit = [entry(job, "job.asked", now, ["reason": .string(reason)])]
        return result
    }

    static func approval(_ job: Job, _ input: ApprovalInput, _ now: Date) -> Transition? {
        switch (job.state, input) {
        case (.waitingConfirmation, .planned(let plan, let sets, let otherwise)),
            (.waitingApproval, .planned(let plan, let sets, let otherwise)):
            return planned(job, plan, sets.isEmpty && !(job.asks ?? []).isEmpty ? [otherwise] : sets, now)
        case (.waitingConfirmation, .confirmed(let person)):
            guard let approval = job.approval, approval.plan != nil, let until = approval.until, now < until else {
                return nil
            }
            var result = Transition(job: job)
            result.job.approval?.confirmedAt = now
            result = askingOthers(result, now)
            result.audit.insert(entry(job, "job.confirmed", now, planDetail(job), actor: person), at: 0)
            return result
        case (.waitingApproval, .voted(let vote)): return voted(job, vote, now)
        case (.waitingConfirmation, .expired), (.waitingApproval, .expired): return expired(job, now)
        case (.running, .planChanged(let plan, let sets)):
            guard let approval = job.approval, let old = approval.plan, job.stopReason == nil else { return nil }
            var new = approval
            new.plan = plan
            new.sets = sets.isEmpty ? approval.sets : sets
            new.votes = []
            new.difference =
                ["The approval of the plan \(old.shortHash) is void: it would now do something else."]
                + plan.difference(from: old)
            return back(job, new, "the plan is another", now)
        case (.running, .votesLost(let reason, let left)):
            guard var approval = job.approval, job.stopReason == nil else { return nil }
            approval.votes = left
            approval.difference = ["The approval is void: \(reason)."]
            return back(job, approval, reason, now)
        case (_, .planned), (_, .confirmed), (_, .voted), (_, .expired), (_, .planChanged), (_, .votesLost):
            return nil
        }
    }

    private static func planned(_ job: Job, _ plan: JobPlan, _ sets: [ApprovalSet], _ now: Date) -> Transition? {
        guard var approval = job.approval, approval.plan == nil else { return nil }
        approval.plan = plan
        approval.sets = sets
        approval.votes = []
        var result = Transition(job: job)
        result.job.approval = approval
        let recorded = entry(result.job, "job.planned", now, planDetail(result.job))
        if approval.lacksConfirmation {
            result.job.state = .waitingConfirmation
            result.job.approval?.askedAt = now
            result.job.approval?.until = now.advanced(by: ApprovalDefinition.timeToConfirm)
            let who = job.requester.description
            result.job.reason =
                "\(who) must confirm it with the button, the same command line again, or /defimon confirm \(job.id)"
            result.audit = [entry(result.job, "job.waiting-confirmation", now, planDetail(result.job))]
        } else {
            result = askingOthers(result, now)
        }
        result.audit.insert(recorded, at: 0)
        return result
    }

    /// Who asked has said so; others are asked, if any must be.
    private static func askingOthers(_ transition: Transition, _ now: Date) -> Transition {
        guard let approval = transition.job.approval else { return transition }
        if approval.sets.isEmpty { return settled(transition, now) }
        var result = asksOthers(transition, now)
        result.approvalNews = .asked
        return result
    }

    private static func asksOthers(_ transition: Transition, _ now: Date) -> Transition {
        var result = transition
        let sets = result.job.approval?.sets ?? []
        let within = sets.map(\.withinMilliseconds).max() ?? 0
        result.job.state = .waitingApproval
        result.job.approval?.askedAt = now
        result.job.approval?.until = now.advanced(by: .milliseconds(within))
        result.job.reason = waitingWords(result.job, now)
        var detail = planDetail(result.job)
        detail["needs"] = .string(ApprovalTally.words(sets))
        result.audit.append(entry(result.job, "job.waiting-approval", now, detail))
        return result
    }

    private static func waitingWords(_ job: Job, _ now: Date) -> String {
        let why = (job.asks ?? []).isEmpty ? "" : " (\((job.asks ?? []).joined(separator: "; ")))"
        return "needs \(ApprovalTally(job: job, now: now).missingWords)\(why)"
    }

    /// Into the queue. The time in which people were asked does not count against its start.
    private static func settled(_ transition: Transition, _ now: Date) -> Transition {
        var result = transition
        if let askedAt = result.job.approval?.askedAt {
            result.job.startBefore = result.job.startBefore.advanced(by: now.since(askedAt))
        }
        result.job.approval?.isSettled = true
        result.job.state = .queued
        result.job.reason = nil
        result.audit.append(entry(result.job, "job.queued", now, planDetail(result.job)))
        return result
    }

    private static func voted(_ job: Job, _ vote: ApprovalVote, _ now: Date) -> Transition? {
        guard ApprovalTally(job: job, now: now).refusal(of: vote, planHash: nil) == nil else { return nil }
        var result = Transition(job: job)
        result.job.approval?.votes.removeAll { $0.person == vote.person }
        result.job.approval?.votes.append(vote)
        let tally = ApprovalTally(job: result.job, now: now)
        var detail = planDetail(job)
        detail["identity"] = .string(vote.identity.description)
        detail["roles"] = .array(vote.roles.map(JSONValue.string))
        if let reason = vote.reason { detail["reason"] = .string(reason) }
        detail["own"] = tally.isOwn(vote) ? true : nil
        let kind = vote.verdict == .approves ? "job.approval-given" : "job.approval-denied"
        let recorded = entry(job, kind, now, detail, actor: vote.person)
        if tally.isApproved {
            result = settled(result, now)
        } else if tally.isDenied {
            result = ended(
                result.job, .denied, "denied by \(vote.person): \(vote.reason ?? "no reason given")", now,
                actor: vote.person)
        } else {
            result.job.reason = waitingWords(result.job, now)
        }
        result.audit.insert(recorded, at: 0)
        if vote.verdict == .approves, tally.isOwn(vote) {
            result.approvalNews = .own(person: vote.person, reason: vote.reason ?? "")
        }
        return result
    }

    private static func expired(_ job: Job, _ now: Date) -> Transition? {
        guard let approval = job.approval, let askedAt = approval.askedAt, let until = approval.until, until <= now
        else { return nil }
        let span = DurationText.human(until.since(askedAt))
        let missing =
            job.state == .waitingConfirmation
            ? "\(job.requester) did not confirm it" : "it was not approved (\(ApprovalTally.words(approval.sets)))"
        var result = ended(job, .expired, "\(missing) within \(span)", now)
        result.approvalNews = .expired
        return result
    }

    /// From its locks back to the people; nothing has begun.
    private static func back(_ job: Job, _ approval: JobApproval, _ reason: String, _ now: Date) -> Transition {
        var result = Transition(job: job, writes: [.releaseLocks(jobID: job.id)])
        result.job.approval = approval
        result.job.approval?.isSettled = false
        result.job.fencing = nil
        result.job.startedAt = nil
        var detail = planDetail(result.job)
        detail["reason"] = .string(reason)
        result.audit = [entry(job, "job.approval-void", now, detail)]
        result = asksOthers(result, now)
        result.approvalNews = .askedAgain
        return result
    }

    private static func planDetail(_ job: Job) -> [String: JSONValue] {
        guard let plan = job.approval?.plan else { return [:] }
        return [
            "plan": .string(plan.hash), "changes": .int(Int64(plan.changes)), "deletions": .int(Int64(plan.deletions)),
        ]
    }

    private static func entry(
        _ job: Job, _ kind: String, _ now: Date, _ detail: [String: JSONValue], actor: String = "defimon"
    ) -> AuditEntry {
        AuditEntry(time: now, actor: actor, kind: kind, subject: "job/\(job.id)", detail: .object(detail))
    }
}

extension Job {
    /// Whether people must say something before it may start.
    var mustAsk: Bool {
        guard !isPlanOnly, !hasBegun else { return false }
        if let approval { return !approval.isSettled }
        return !(asks ?? []).isEmpty
    }
}
