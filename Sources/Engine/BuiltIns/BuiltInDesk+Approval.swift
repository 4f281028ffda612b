import Domain
import Foundation

/// `approve`, `deny` and `confirm`.
extension BuiltInDesk {
    /// Characters of a reason.
    private static let longestSaid = 300

    func approve(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer { try await vote(work, .approves) }

    func deny(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer { try await vote(work, .denies) }

    private func vote(_ work: RequestDesk.Work, _ verdict: ApprovalVote.Verdict) async throws(LedgerError) -> RunAnswer
    {
        guard let said = Said(work.words) else { return refused("Which job? Usage: /defimon \(work.builtIn.usage)") }
        guard let job = try await anyJob(said.id) else { return refused("There is no job \(said.id).") }
        let vote = ApprovalVote(
            person: work.person.id, identity: work.request.identity, roles: work.person.roles.sorted(),
            verdict: verdict, reason: said.reason.isEmpty ? nil : String(said.reason.prefix(Self.longestSaid)),
            at: time.now)
        if let refusal = ApprovalTally(job: job, now: time.now).refusal(of: vote, planHash: said.planHash) {
            return try await refusedVote(refusal, job, work)
        }
        let plan = job.approval?.plan
        guard try await board.apply(job.id, .approval(.voted(vote)), onlyForPlan: plan?.hash) else {
            // Somebody else was first, or its time is over: what is so now says why.
            let now = try await anyJob(said.id) ?? job
            let refusal = ApprovalTally(job: now, now: time.now).refusal(of: vote, planHash: plan?.shortHash)
            return try await refusedVote(refusal ?? "Job \(job.id) has changed meanwhile. Say it again.", job, work)
        }
        let after = try await anyJob(said.id) ?? job
        return RunAnswer(
            report: Report(mood: .info, title: answer(verdict, job, after, plan)), jobID: nil, isAccepted: true)
    }

    private func answer(_ verdict: ApprovalVote.Verdict, _ before: Job, _ after: Job, _ plan: JobPlan?) -> String {
        let changes = plan.map { "plan \($0.shortHash), \($0.changes) change\($0.changes == 1 ? "" : "s")" } ?? ""
        let what = "Job \(before.id) (\(before.commandLine), \(changes))"
        let done = verdict == .approves ? "approved" : "denied"
        guard after.state == .waitingApproval else { return "\(what): \(done)." }
        return "\(what): \(done) by you; \(after.reason ?? "others are asked")."
    }

    private func refusedVote(_ refusal: String, _ job: Job, _ work: RequestDesk.Work) async throws(LedgerError)
        -> RunAnswer
    {
        try await writer.commit(
            LedgerChange(audit: [
                AuditEntry(
                    time: time.now, actor: work.person.id, kind: "job.approval-refused", subject: "job/\(job.id)",
                    detail: [
                        "asked": .string(work.builtIn.rawValue), "reason": .string(refusal),
                        "identity": .string(work.request.identity.description),
                    ])
            ]))
        var answer = refused(refusal)
        if let whom = approvers(of: job), !whom.contains(where: { $0.id == work.person.id }) {
            answer.report.blocks.append(.text("Who can: \(Refusals.askWhom(whom))"))
        }
        return answer
    }

    /// Who may say something about a job that waits for others; nil: it does not.
    private func approvers(of job: Job) -> [Person]? {
        let sets = ApprovalTally(job: job, now: time.now).openSets
        guard job.state == .waitingApproval, !sets.isEmpty else { return nil }
        return board.definitions.value.people.filter { person in
            sets.contains { set in
                ApprovalTally.hasRole(person.roles.sorted(), set)
                    && (set.allowsOwn || person.id != job.requester.personID)
            }
        }
    }

    // MARK: Confirmation

    /// Who asked says so once more, where they asked.
    func confirm(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard let said = Said(work.words) else { return refused("Which job? Usage: /defimon \(work.builtIn.usage)") }
        guard let job = try await anyJob(said.id) else { return refused("There is no job \(said.id).") }
        if let refusal = refusalToConfirm(job, said, work) { return try await refusedVote(refusal, job, work) }
        guard
            try await board.apply(
                job.id, .approval(.confirmed(by: work.person.id)), onlyForPlan: job.approval?.plan?.hash)
        else {
            return try await refusedVote("Job \(job.id) has changed meanwhile; look at it again.", job, work)
        }
        let plan = job.approval?.plan.map { " (plan \($0.shortHash))" } ?? ""
        return RunAnswer(
            report: Report(mood: .info, title: "Job \(job.id): \(job.commandLine) is confirmed\(plan)."), jobID: job.id,
            isAccepted: true)
    }

    private func refusalToConfirm(_ job: Job, _ said: Said, _ work: RequestDesk.Work) -> String? {
        guard job.state == .waitingConfirmation else {
            let reason = job.reason.map { ": \($0)" } ?? ""
            return "Job \(job.id) does not wait for a confirmation but is \(job.state.words)\(reason)."
        }
        guard case .person(work.person.id, let identity) = job.requester else {
            return "Job \(job.id) is \(job.requester)'s, who alone can confirm it."
        }
        guard identity == work.request.identity, job.approval?.askedIn == work.request.reportTo else {
            return "Job \(job.id) is confirmed where it was asked for, as \(identity)."
        }
        guard let plan = job.approval?.plan, let until = job.approval?.until else {
            return "Job \(job.id) still plans what it would change. Its message says when it can be confirmed."
        }
        if let hash = said.planHash, !plan.hash.hasPrefix(hash) {
            return "Void: that was said about another plan of job \(job.id), which would now do \(plan.shortHash)."
        }
        if until <= time.now {
            return "Too late: job \(job.id) could be confirmed until \(PersonTime.text(until)). Ask for it again."
        }
        return nil
    }

    // MARK: Words

    private func anyJob(_ id: JobID) async throws(LedgerError) -> Job? {
        if let entry = await board.settledEntry(id) { return entry.job }
        return try await reader.job(id: id)
    }

    /// `42`, `42 7f3a12bc`, `42 "why"`.
    private struct Said {
        var id: JobID
        /// The beginning of a plan's hash, as buttons carry it.
        var planHash: String?
        var reason: String

        init?(_ words: [String]) {
            guard let first = words.first, let id = Int64(first.drop { $0 == "#" }) else { return nil }
            self.id = id
            var rest = words.dropFirst()
            if let word = rest.first, word.count == 8, word.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) {
                planHash = word
                rest = rest.dropFirst()
            }
            reason = rest.joined(separator: " ")
        }
    }
}
