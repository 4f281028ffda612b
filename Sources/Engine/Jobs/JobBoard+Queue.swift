import Domain
import Foundation

/// The queue: what leaves it, what stays and why, and who waits at a step.
extension JobBoard {
    /// What a look at the queue brought forth.
    struct Due {
        /// Jobs that start now, or go on.
        var starts: [JobID] = []
        /// Jobs of which somebody must look whether what they wait for is there.
        var looks: [JobID] = []
        /// Jobs whose alert's source must be asked whether it still fires.
        var asks: [JobID] = []
        /// Jobs that somebody must plan, before people are asked.
        var plans: [JobID] = []
        /// Jobs of which somebody must look whether their effect shows.
        var proofs: [JobID] = []
    }

    /// Looks at all that waits.
    /// What started before something went wrong is returned all the same: it is written as running.
    func lookAtQueue() async throws(LedgerError) -> Due {
        var due = Due()
        if isStopping { return due }
        try await supersedeOlder()
        var inLine = locks
        do {
            for id in waiting {
                if staysInLine(id, &inLine) { continue }
                guard let job = entries[id]?.job, [.queued, .held].contains(job.state) else { continue }
                if job.state == .held, job.wait != nil, job.heldUntil != nil {
                    if isDueForLook(job) { due.looks.append(job.id) }
                } else {
                    try await lookAt(job, &inLine, &due)
                }
            }
            due.plans = try await lookAtApprovals()
            due.proofs = proofsDue()
            try await lookAtEscalations()
            for (id, due) in undecided where due <= time.now { _ = try await applyToEnded(id, .undecided) }
        } catch {
            if due.starts.isEmpty { throw error }
            queueSignal.fire()
        }
        for id in due.plans { entries[id]?.isLookedAt = true }
        for id in due.looks + due.asks + due.proofs {
            entries[id]?.isLookedAt = true
            entries[id]?.isWoken = false
        }
        return due
    }

    /// Whether nothing is to be done about a job, since what it waited for at the last look is still in its way. Whether
    /// it still makes sense is looked at when its turn comes.
    private func staysInLine(_ id: JobID, _ inLine: inout LockTable) -> Bool {
        guard freeze.all.isEmpty, let reason = entries[id]?.job.reason, let job = entries[id]?.job,
            job.state == .queued, !job.hasBegun, job.startBefore > time.now, othersInTheWay(job) == nil,
            obstacle(job, inLine) == reason
        else { return false }
        inLine.take(job.locks, jobID: id, fencing: 0)
        return true
    }

    /// Which job is superseded follows from the jobs alone: of those with one key, all but the newest.
    private func supersedeOlder() async throws(LedgerError) {
        var newest: [String: JobID] = [:]
        for (id, entry) in entries {
            if let key = entry.job.supersedesKey { newest[key] = max(newest[key] ?? id, id) }
        }
        if newest.isEmpty { return }
        for job in entries.values.map(\.job).sorted(by: { $0.id < $1.id }) {
            guard let key = job.supersedesKey, let newer = newest[key], newer > job.id, job.stopReason == nil,
                job.state != .verifying
            else { continue }
            try await apply(job.id, .superseded(by: newer))
        }
    }

    // MARK: Waiting at a step

    /// The oldest unfinished job that waits in a line.
    func first(inLine line: String) -> JobID? {
        entries.values.filter { $0.job.wait?.line == line && !$0.stop.isFired }.map(\.job.id).min()
    }

    private func isDueForLook(_ job: Job) -> Bool {
        guard let entry = entries[job.id], !entry.isLookedAt, let heldUntil = job.heldUntil, heldUntil <= time.now
        else { return false }
        return job.wait?.line.map { first(inLine: $0) == job.id } ?? true
    }

    /// Something happened that is news of these topics: the jobs that wait for it are looked at now.
    func wake(_ topics: Set<String>) {
        for (id, entry) in entries where entry.job.state == .held {
            guard let topic = entry.job.wait?.topic, topics.contains(topic) else { continue }
            entries[id]?.job.heldUntil = time.now
            entries[id]?.isWoken = true
            queueSignal.fire()
        }
    }

    /// What a held job waits for is still not there. Only a new reason is written.
    func keepWaiting(_ id: JobID, reason: String, until: Date) async throws(LedgerError) {
        entries[id]?.isLookedAt = false
        try await apply(id, .waits(reason: reason))
        let isWoken = entries[id]?.isWoken ?? false
        entries[id]?.job.heldUntil = isWoken ? time.now : until
        queueSignal.fire()
    }

    /// What a held job waits for is there, or will never be: it goes on.
    func goOn(_ id: JobID) async throws(LedgerError) {
        entries[id]?.isLookedAt = false
        try await apply(id, .holdEnded)
    }

    private func lookAt(_ job: Job, _ inLine: inout LockTable, _ due: inout Due) async throws(LedgerError) {
        if job.state == .held { return try await lookAtHeld(job) }
        // Before all else: what is stale is found when the freeze is over.
        if let freeze = freezeHolding(job) {
            try await apply(job.id, .frozen(reason: freeze.words))
            return
        }
        var check = GuardCheck()
        if !job.hasBegun {
            if let (state, reason) = outdated(job) {
                try await apply(job.id, .outdated(state, reason: reason))
                return
            }
            if let others = othersInTheWay(job) {
                try await apply(job.id, .waits(reason: others))
                return
            }
        }
        let obstacle = obstacle(job, inLine)
        inLine.take(job.locks, jobID: job.id, fencing: 0)
        if let obstacle {
            try await apply(job.id, .waits(reason: obstacle))
            return
        }
        let isAsked = entries[job.id]?.isLookedAt ?? false
        if !job.hasBegun, isAsked || mustAskAboutAlert(job) {
            if !isAsked { due.asks.append(job.id) }
            return
        }
        if !job.hasBegun { check = try await checkAtStart(job) }
        switch check.decision {
        case .passes: try await start(job, check, &due)
        case .holds(let until, let reason, let name):
            try await apply(job.id, .heldBack(reason: reason, until: until, by: name.rawValue), with: check.change)
        case .refuses(let reason):
            try await apply(job.id, .outdated(.cancelled, reason: reason), with: check.change)
        case .asks(let reason):
            // It means nothing once people have allowed it.
            if try await !apply(job.id, .asked(reason: reason), with: check.change) {
                try await start(job, check, &due)
            }
        }
    }

    private func start(_ job: Job, _ check: GuardCheck, _ due: inout Due) async throws(LedgerError) {
        let input = JobInput.started(fencing: numbers.nextFencing(), verdicts: check.verdicts)
        if try await apply(job.id, input, with: changeAtStart(job, check, time.now)) {
            due.starts.append(job.id)
        } else {
            // What its guards would have written is not.
            if check.trialOf != nil { try await readBreakers() }
            queueSignal.fire()
        }
    }

    /// The freeze that keeps a job from changing anything; nil when none does.
    func freezeHolding(_ job: Job) -> Freeze? {
        // What is to stop goes on only to clean up.
        guard job.stopReason == nil, let freeze = freeze.freeze(on: job.pools, isUpkeep: isUpkeep(job)),
            changesSomething(job)
        else { return nil }
        return freeze
    }

    private func isUpkeep(_ job: Job) -> Bool {
        job.requester == .rule(ScheduleDefinition.requester)
            && definitions.value.commands[job.command]?.isUpkeep == true
    }

    /// When the queue must be looked at again, if nothing else happens.
    func nextDue() -> Date? {
        let ofJobs = entries.values.compactMap { entry in
            switch entry.job.state {
            case .held: dueForLook(entry)
            case .queued: entry.job.hasBegun ? nil : entry.job.startBefore
            case .waitingConfirmation, .waitingApproval: dueForPeople(entry.job)
            case .verifying: proofDue(entry)
            default: nil
            }
        }
        return (ofJobs + undecided.values + escalations.values.map(\.nextAt)).min()
    }

    /// Who waits behind another one, or is looked at just now, is not due by time.
    private func dueForLook(_ entry: Entry) -> Date? {
        if entry.isLookedAt { return nil }
        if let line = entry.job.wait?.line, first(inLine: line) != entry.job.id { return nil }
        return entry.job.heldUntil
    }

    /// Whether a step of it does more than look.
    func changesSomething(_ job: Job) -> Bool {
        !job.isPlanOnly && entries[job.id]?.steps.contains { catalogue[$0.action]?.effect != .reads } == true
    }

    private func lookAtHeld(_ job: Job) async throws(LedgerError) {
        guard let heldUntil = job.heldUntil else {
            // A freeze holds it, which has no end that could be known.
            if freezeHolding(job) == nil { try await apply(job.id, .holdEnded) }
            return
        }
        // A maintenance may have been ended earlier.
        let isOver =
            job.heldBy == GuardCheck.Name.maintenance.rawValue && maintenance.last(of: job.pools, time.now) == nil
        guard heldUntil <= time.now || isOver else { return }
        if await alertIsResolved(job) {
            try await apply(job.id, .alertResolved)
        } else {
            try await apply(job.id, .holdEnded)
        }
    }

    /// Whether a job that could start still makes sense.
    private func outdated(_ job: Job) -> (JobState, String)? {
        let now = time.now
        let current = definitions.value
        if now >= job.startBefore {
            let waited = DurationText.human(job.startBefore.since(job.createdAt))
            return (.expired, "it waited \(waited) without getting its turn, which is its limit")
        }
        guard let command = current.commands[job.command] else {
            return (.cancelled, "the command '\(job.command)' is not defined any more")
        }
        if case .person(let id, let identity) = job.requester {
            guard let person = current.person(identity), person.id == id else {
                return (.denied, "\(id) may not run '\(job.command)' any more: \(identity) is not theirs")
            }
            if case .refused(let reason, _) = Authorization(current).answer(person, command, job) {
                return (.denied, "\(id) may not run this any more: \(reason)")
            }
        }
        return nil
    }

    /// Names the job just before it in line: it alone is told anew when that one is through, however many wait behind.
    private func obstacle(_ job: Job, _ inLine: LockTable) -> String? {
        if let lock = inLine.lastHolder(inTheWayOf: job.locks, of: job.id) {
            let other = entries[lock.jobID].map { " (\($0.job.commandLine))" } ?? ""
            return "waits for job \(lock.jobID)\(other), which holds or is before it in line for \(lock.request.path)"
        }
        if runningCount >= limits.concurrentJobs {
            return "waits for a free place: \(limits.concurrentJobs) jobs run already"
        }
        return nil
    }
}
