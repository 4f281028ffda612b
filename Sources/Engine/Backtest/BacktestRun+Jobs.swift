import Domain
import Foundation

/// What becomes of the runs that the rule makes.
extension BacktestRun {
    /// A run has left the queue. From then on it counts as having changed something, which it mostly does at once.
    mutating func begin(_ id: JobID) async throws {
        guard let entry = await world.board.entry(id) else { return }
        let job = entry.job
        let changing = entry.steps.first { test.catalogue[$0.action]?.effect != .reads } ?? entry.steps.first
        if var step = changing {
            step.state = .running
            step.attempt = 1
            step.startedAt = world.clock.now
            try await world.board.apply(id, .stepsChanged([step]))
        }
        let now = world.clock.now
        guard let twin = runs[id]?.twin, let started = twin.startedAt else {
            let took = try await record.duration(of: job.command)
            schedule(now.advanced(by: took), .stepsEnd(id, .succeeded(reason: nil)))
            return
        }
        // As it really was: it may have waited for what a backtest does not know of.
        world.ledger.began(id, BacktestLedger.Key(job), at: max(started, now))
        guard let outcome = BacktestRun.outcome(of: twin) else { return }
        let end = try await record.stepsEnd(twin.id) ?? twin.endedAt ?? now
        schedule(max(min(end, twin.endedAt ?? end), now), .stepsEnd(id, outcome))
        if twin.proof != nil, twin.state == .succeeded, let ended = twin.endedAt {
            schedule(max(ended, now), .proven(id))
        }
    }

    /// How the steps of a job ended; nil while they have not.
    private static func outcome(of job: Job) -> StepsOutcome? {
        let reason = job.reason ?? ""
        if job.proof != nil { return .succeeded(reason: nil) }
        switch job.state {
        case .succeeded, .verifying: return .succeeded(reason: job.reason)
        case .failed, .denied, .expired: return .failed(reason: reason)
        case .cancelled: return .cancelled(by: job.cancelledBy ?? "somebody")
        case .timedOut: return .timedOut(reason: reason)
        case .superseded: return .superseded(reason: reason)
        case .unknown: return .unknown(reason: reason)
        case .held, .waitingConfirmation, .waitingApproval, .queued, .running: return nil
        }
    }

    /// Somebody looks whether the effect of a run shows. The alert is as the deliveries told; what else was asked is
    /// taken to be well, unless the bot's own job saw that it was not.
    mutating func prove(_ id: JobID, isShown: Bool) async throws {
        guard let job = await world.board.entry(id)?.job, var seen = job.proofUnderWay else { return }
        let own = runs[id]?.twin?.proof
        for index in seen.checks.indices where !seen.checks[index].isPassed {
            let told = own.flatMap { index < $0.checks.count ? $0.checks[index] : nil }
            seen.checks[index].isPassed = isShown || told?.isPassed ?? true
            seen.checks[index].answer = told?.answer
        }
        if isShown { seen.isAlertResolved = true }
        if seen.waitsForAlert, let by = seen.alertBy, by <= world.clock.now {
            switch await world.board.alertStanding(job) {
            case .over: seen.isAlertResolved = true
            case .firing: break
            case .unknown(let reason): seen.alertDoubt = reason
            }
        }
        try await world.board.seen(id, seen, at: world.clock.now)
    }

    /// Takes down what became of jobs.
    mutating func follow(_ jobs: [Job]) async throws {
        for job in jobs {
            if runs[job.id] == nil { try await adopt(job) }
            guard let run = runs[job.id], !run.isSettled else { continue }
            if [.waitingApproval, .waitingConfirmation].contains(job.state) {
                try await ask(job, run)
                continue
            }
            tally.follow(run.decision, job)
            if job.hasBegun, !run.hasBegun {
                runs[job.id]?.hasBegun = true
                tally.summary.runs += 1
            }
            if job.state.isFinal {
                if job.ladder != nil { ended[job.id] = runs[job.id] }
                settleComparison(job.id, isOver: true)
            }
        }
    }

    /// The next remedy follows a run that did not help.
    private mutating func adopt(_ job: Job) async throws {
        guard job.version == 1, let before = job.ladder?.before, let earlier = ended.removeValue(forKey: before) else {
            return
        }
        var twin: Job?
        if let next = earlier.twin?.ladder?.next { twin = try await test.past.job(id: next) }
        if twin?.command != job.command { twin = nil }
        let number = tally.add(remedy: job, after: earlier.decision, twin: twin, at: world.clock.now)
        tally.compare(number, remedyAfter: earlier.twin, twin)
        runs[job.id] = Run(decision: number, twin: twin)
    }

    /// People would be asked. What they said where the bot asked them counts; else it counts as not run.
    private mutating func ask(_ job: Job, _ run: Run) async throws {
        runs[job.id]?.isSettled = true
        let allowed = run.twin.flatMap { $0.startedAt == nil ? nil : $0 }
        tally.ask(run.decision, job, allowed: allowed)
        try await world.board.apply(
            job.id, .outdated(.denied, reason: "nobody knows what people would have said"))
        if let allowed {
            tally.summary.runs += 1
            runs[job.id]?.hasBegun = true
            await world.board.putRecorded(allowed)
            schedule(max(allowed.startedAt ?? world.clock.now, world.clock.now), .began(allowed))
            if let ended = allowed.endedAt { schedule(max(ended, world.clock.now), .ended(allowed)) }
        }
        settleComparison(job.id, isOver: true)
    }

    /// What became of a run is known, or the span is over: whether the bot's own job began too.
    mutating func settleComparison(_ id: JobID, isOver: Bool) {
        guard let run = runs.removeValue(forKey: id) else { return }
        tally.settle(run, isOver: isOver)
    }
}
