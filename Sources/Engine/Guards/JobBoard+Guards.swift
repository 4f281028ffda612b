import Domain
import Foundation

/// All guards but the freeze, which stands before all else. They are asked here and nowhere else, in one order.
extension JobBoard {
    /// How old a job's knowledge of its alert may be when it starts.
    static let freshAlert = Duration.seconds(30)

    /// What guards say at the door. `made` are jobs of the same batch, which are not on the board yet; `firingSince` is
    /// when the alert began.
    /// `after` is the job whose place it takes, the end of which is not written yet; `mayOverlap`: others with the same
    /// key may be under way; `onlyLooks`: there will be no job, and breakers stay as they are.
    func checkAtDoor(
        _ job: Job, firingSince: Date?, _ made: [JobFactory.Made], after before: Job? = nil, mayOverlap: Bool = false,
        onlyLooks: Bool = false
    ) async throws(LedgerError) -> GuardCheck {
        var check = GuardCheck()
        check.onlyLooks = onlyLooks
        var now = time.now
        if let firingSince, let span = job.guards.firingForMilliseconds {
            let until = firingSince.advanced(by: .milliseconds(span))
            let human = DurationText.human(.milliseconds(span))
            if until > now {
                check.hold(
                    .firingFor, until: until,
                    "looks again at \(PersonTime.text(until)): the alert must fire for \(human) first")
                now = until
            } else {
                check.pass(.firingFor, "it has been firing for \(human)")
            }
        }
        // Who supersedes does not wait for the one before.
        if job.supersedesKey == nil, !mayOverlap {
            let twin = made.first { $0.job.command == job.command && $0.job.guardKey == job.guardKey }?.job.id
            if let twin = twin
                ?? openAutomaticJob(
                    command: job.command, guardKey: job.guardKey, besides: before?.id)
            {
                check.refuse(.underWay, "job \(twin) is under way for the same '\(job.guardKey)'")
                return check
            }
        }
        if let before, let until = cooldownEnd(job, after: before), now < until {
            check.refuse(.cooldown, inCooldown(until, job))
            return check
        }
        try await checkCounters(job, .door, now, &check)
        return check
    }

    /// What guards say of a job that could leave the queue now.
    func checkAtStart(_ job: Job) async throws(LedgerError) -> GuardCheck {
        var check = GuardCheck()
        if job.requester.personID != nil { return check }
        try await checkAlert(job, &check)
        if case .refuses = check.decision { return check }
        try await checkCounters(job, .start, time.now, &check)
        return check
    }

    // MARK: The alert

    /// Whether its source must be asked first: its resolve would not have come while it is silenced.
    func mustAskAboutAlert(_ job: Job) -> Bool {
        guard alerts != nil, job.alertFingerprint != nil, !job.hasBegun else { return false }
        let knownSince = entries[job.id]?.alertAnswer?.at ?? job.createdAt
        return time.now.since(knownSince) > JobBoard.freshAlert
    }

    /// Asks the source whether a waiting job's alert fires, and has the queue looked at again.
    func askAboutAlert(_ id: JobID) async {
        guard let alerts, let job = entries[id]?.job, job.alertFingerprint != nil else { return }
        let isFiring = try? await alerts.isFiring(for: job)  // nil: it cannot be told
        entries[id]?.alertAnswer = AlertAnswer(at: time.now, isFiring: isFiring)
        entries[id]?.isLookedAt = false
        queueSignal.fire()
    }

    private func checkAlert(_ job: Job, _ check: inout GuardCheck) async throws(LedgerError) {
        guard job.alertFingerprint != nil else { return }
        if await alertIsResolved(job) {
            return check.refuse(.alert, "the alert resolved before the job began")
        }
        switch entries[job.id]?.alertAnswer {
        case nil: check.pass(.alert, "it fires, as far as was told")
        case let answer? where answer.isFiring == true: check.pass(.alert, "its source says that it fires")
        case let answer? where answer.isFiring == false:
            check.refuse(.alert, "the alert does not fire any more, as its source says")
        default:
            let cannotTell = "nobody can say whether the alert still fires: its source does not answer"
            switch job.guards.ifUnknown ?? .ask {
            case .go: check.pass(.alert, cannotTell)
            case .ask: check.ask(.alert, cannotTell)
            case .stop: check.refuse(.alert, cannotTell)
            }
        }
    }

    // MARK: What counts

    private func checkCounters(_ job: Job, _ moment: GuardCheck.Moment, _ now: Date, _ check: inout GuardCheck)
        async throws(LedgerError)
    {
        if job.guards.cooldownMilliseconds != nil {
            if let until = try await cooldownEnd(job), now < until {
                return check.refuse(.cooldown, inCooldown(until, job))
            }
            check.pass(.cooldown, "the last run for '\(job.guardKey)' is long enough ago, or there was none")
        }
        if let limit = job.guards.limit {
            try await checkLimit(job, limit, moment, now, &check)
            if case .refuses = check.decision { return }
        }
        if let entry = maintenance.last(of: job.pools, now) {
            let reason =
                "\(entry.pool) is in maintenance until \(PersonTime.text(entry.until)), by \(entry.by): \(entry.reason)"
            switch job.guards.maintenance ?? .queue {
            case .suppress: check.refuse(.maintenance, reason)
            case .queue: check.hold(.maintenance, until: entry.until, reason)
            case .ask: check.ask(.maintenance, reason)
            }
        } else if job.guards.maintenance != nil {
            check.pass(.maintenance, "nobody has its pools in maintenance")
        }
        checkWindows(job, now, &check)
        if moment == .start, check.passes {
            if job.guards.holdWhile != nil { check.pass(.holdWhile, "no such job is under way there") }
            if let group = job.group {
                check.pass(.atMost, "fewer than \(group.atMost) of '\(group.name)' are under way")
            }
        }
    }

    private func checkWindows(_ job: Job, _ now: Date, _ check: inout GuardCheck) {
        guard let windows = job.guards.windows else { return }
        let open = windows.compactMap { window in window.end(at: now).map { (window, $0) } }
        if open.isEmpty { check.pass(.windows, "it is outside of its \(windows.count)") }
        for (window, end) in open {
            let reason = "in the window '\(window.cron)' (\(window.timeZone)) until \(PersonTime.text(end))"
            switch window.then {
            case .suppress: return check.refuse(.windows, reason)
            case .queue: check.hold(.windows, until: end, reason)
            case .ask: check.ask(.windows, reason)
            }
        }
    }

    private func inCooldown(_ until: Date, _ job: Job) -> String {
        "in cooldown until \(PersonTime.text(until)) for '\(job.guardKey)'"
    }

    /// The same, after a job that ends now.
    private func cooldownEnd(_ job: Job, after before: Job) -> Date? {
        guard before.command == job.command, before.guardKey == job.guardKey, before.hasBegun else { return nil }
        return job.guards.cooldownMilliseconds.map { time.now.advanced(by: .milliseconds($0)) }
    }

    /// Until when no other automatic run of this command and key may start.
    private func cooldownEnd(_ job: Job) async throws(LedgerError) -> Date? {
        guard let cooldown = job.guards.cooldownMilliseconds else { return nil }
        return try await reader.lastAutomaticEnd(command: job.command, guardKey: job.guardKey)?
            .advanced(by: .milliseconds(cooldown))
    }

    // MARK: Who else is under way

    /// Why a job that could start must wait for others: it stays in the queue and is looked at again when they end. It
    /// takes no place in the line for locks, since they may need one that it would have.
    func othersInTheWay(_ job: Job) -> String? {
        if job.hasBegun || job.isPlanOnly { return nil }
        if let names = job.guards.holdWhile, let other = worker(names, on: job) {
            return "waits while job \(other.id) (\(other.commandLine)) works there"
        }
        guard let group = job.group else { return nil }
        let others = entries.values.filter {
            $0.job.group?.name == group.name && $0.job.hasBegun && $0.job.id != job.id
        }
        let count = others.count + undecidedGroups.values.count { $0 == group.name }
        guard count >= group.atMost else { return nil }
        return "waits: \(count) of '\(group.name)' are under way, and at most \(group.atMost) may be"
    }

    /// The first job of one of these commands that is under way on one of the job's pools.
    private func worker(_ names: [String], on job: Job) -> Job? {
        entries.values.map(\.job).filter { other in
            other.id != job.id && other.hasBegun && !other.isPlanOnly
                && names.contains { other.command == $0 || other.command.hasPrefix($0 + " ") }
                && (job.pools.isEmpty || !other.pools.isDisjoint(with: job.pools))
        }.min { $0.id < $1.id }
    }
}

/// What a freeze does to jobs that are under way already.
extension JobBoard {
    /// Asks all that is under way and that the freeze keeps from changing anything to stop. Returns those that do.
    func cancelWhatIsFrozen(by person: String, _ freeze: Freeze) async throws(LedgerError) -> [Job] {
        var stopping: [Job] = []
        for job in entries.values.map(\.job).sorted(by: { $0.id < $1.id }) {
            guard job.state == .running || job.hasBegun && [.held, .queued].contains(job.state),
                freezeHolding(job)?.noteName == freeze.noteName
            else { continue }
            if try await apply(job.id, .cancelRequested(by: person)) { stopping.append(job) }
        }
        return stopping
    }
}
