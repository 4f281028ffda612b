import Domain
import Foundation

/// One backtest under way.
struct BacktestRun {
    /// What happens at a time, beside deliveries and what the board waits for.
    enum Item {
        /// The steps of a run end so.
        case stepsEnd(JobID, StepsOutcome)
        /// The effect of a run shows, as it did.
        case proven(JobID)
        case cancelled(JobID, by: String)
        /// A job that really was is asked for, begins, has done its steps, ends.
        case asked(Job)
        case began(Job)
        case unlocked(JobID)
        case ended(Job)
        case act(BacktestRecord.Act)
    }

    /// A run that the backtest follows.
    struct Run {
        /// The number of its decision.
        var decision: Int
        /// The job that the bot made at the same event.
        var twin: Job?
        var hasBegun = false
        /// What became of it is known already.
        var isSettled = false
    }

    /// Looks at the queue for one moment: more would be no progress.
    private static let mostPasses = 1000
    /// As soon as the bot looks again, when something is due that was looked at.
    private static let soon = Duration.milliseconds(20)

    let test: Backtest
    let world: Backtest.World
    var record: BacktestRecord
    var tally: BacktestTally
    var runs: [JobID: Run] = [:]
    /// Runs that have ended and may be followed by another remedy.
    var ended: [JobID: Run] = [:]
    /// The next thing last.
    private var agenda: [(at: Date, item: Item)] = []
    private var recorded: [Job] = []
    private var lastRecorded: JobID = 0

    init(_ test: Backtest) async throws {
        self.test = test
        let first = try await test.past.firstDelivery(since: test.from)
        world = Backtest.World(test, firstDelivery: first ?? .max)
        record = BacktestRecord(past: test.past, rule: test.rule)
        tally = BacktestTally(test)
    }

    var result: BacktestResult { tally.result }

    // MARK: The whole way

    mutating func go() async throws {
        try await begin()
        var after = world.ledger.firstDelivery - 1
        reading: while true {
            let page = try await test.past.deliveryNumbers(
                of: test.rule.source, after: after, limit: Backtest.page)
            guard let last = page.last else { break }
            for number in page {
                guard let stored = try await test.past.delivery(rowID: number) else { continue }
                if stored.delivery.receivedAt > test.until { break reading }
                if tally.summary.deliveries >= Backtest.mostDeliveries {
                    tally.assume(
                        "only the first \(Backtest.mostDeliveries) deliveries were looked at: give fewer days")
                    break reading
                }
                try await take(stored)
            }
            after = last
        }
        try await loadRecorded(until: test.until)
        try await advance(to: test.until)
        for id in runs.keys.sorted() { settleComparison(id, isOver: false) }
        for words in record.words.values.sorted() { tally.assume(words) }
    }

    /// What people had done before the span, and jobs that were under way when it began.
    private mutating func begin() async throws {
        let guards = test.rule.guards.over(test.definitions.commands[test.rule.run]?.guards ?? Guards())
        let (acts, unknown) = try await record.acts(from: test.from, until: test.until, guards)
        for words in unknown { tally.assume(words) }
        for (at, act) in acts {
            if at < test.from { await carryOut(act) } else { schedule(at, .act(act)) }
        }
        let first = try await test.past.firstJob(since: test.from)
        lastRecorded = first.map { $0 - 1 } ?? .max
        for job in try await test.past.jobs(JobFilter(before: first, limit: 1000)).reversed() {
            guard !job.isPlanOnly, job.endedAt.map({ $0 > test.from }) ?? !job.state.isFinal else { continue }
            try await schedule(recorded: job)
        }
    }

    /// Jobs that are not this rule's are taken as they were.
    private mutating func loadRecorded(until: Date) async throws {
        while true {
            if recorded.isEmpty {
                guard lastRecorded < .max else { return }
                recorded = try await test.past.jobs(after: lastRecorded, limit: Backtest.page)
                guard let last = recorded.last else {
                    lastRecorded = .max
                    return
                }
                lastRecorded = last.id
            }
            guard let next = recorded.first, next.createdAt <= until else { return }
            recorded.removeFirst()
            if next.requester == .rule(test.rule.name) || next.isPlanOnly { continue }
            try await schedule(recorded: next)
        }
    }

    private mutating func schedule(recorded job: Job) async throws {
        schedule(job.createdAt, .asked(job))
        if let started = job.startedAt {
            schedule(started, .began(job))
            if job.verify != nil, let end = try await record.stepsEnd(job.id) { schedule(end, .unlocked(job.id)) }
        }
        if let ended = job.endedAt { schedule(ended, .ended(job)) }
    }

    // MARK: Time

    mutating func schedule(_ at: Date, _ item: Item) {
        // Of what happens at the same time, what was scheduled first comes first.
        let place = agenda.lastIndex { $0.at > at }.map { $0 + 1 } ?? 0
        agenda.insert((at, item), at: place)
    }

    /// Lets happen what happens until then.
    private mutating func advance(to end: Date) async throws {
        try await settle()
        while true {
            let due = await world.board.nextDue()
            guard let next = [agenda.last?.at, due].compactMap(\.self).min(), next <= end else { break }
            let now = world.clock.now
            let isScheduled = agenda.last.map { $0.at <= next } ?? false
            world.clock.move(to: next <= now && !isScheduled ? now.advanced(by: Self.soon) : next)
            while let item = agenda.last, item.at <= world.clock.now {
                agenda.removeLast()
                try await happen(item.item)
            }
            try await settle()
        }
        world.clock.move(to: end)
    }

    private mutating func happen(_ item: Item) async throws {
        let board = world.board
        switch item {
        case .stepsEnd(let id, let outcome): try await board.apply(id, .stepsEnded(outcome))
        case .proven(let id): try await prove(id, isShown: true)
        case .cancelled(let id, let by):
            try await board.apply(id, .cancelRequested(by: by))
            try await board.apply(id, .stepsEnded(.cancelled(by: by)))
        case .asked(let job): await board.putRecorded(job)
        case .began(let job):
            let at = job.startedAt ?? test.from
            await board.beginRecorded(job.id, at: at)
            // Earlier ones are counted in the real ledger.
            if job.requester.personID == nil, at >= test.from {
                world.ledger.began(job.id, BacktestLedger.Key(job), at: at)
            }
        case .unlocked(let id): await board.unlockRecorded(id)
        case .ended(let job):
            await board.endRecorded(job.id)
            if job.requester.personID == nil, job.startedAt != nil, let ended = job.endedAt {
                world.ledger.ended(BacktestLedger.Key(job), at: ended)
            }
        case .act(let act): await carryOut(act)
        }
        try await follow(world.ledger.takeNews().jobs)
    }

    private func carryOut(_ act: BacktestRecord.Act) async {
        let board = world.board
        switch act {
        case .freeze(let freeze): board.freeze.set(freeze, of: freeze.pool)
        case .thaw(let pool): board.freeze.set(nil, of: pool)
        case .maintenance(let entry): board.maintenance.set(entry)
        case .maintenanceEnd(let pool): board.maintenance.remove(pool)
        case .breaker(let breaker): _ = board.breakers.set(breaker)
        case .breakerClosed(let note, let by):
            guard let open = board.breakers.all.first(where: { $0.noteName == note && $0.openedAt != nil }) else {
                return
            }
            // Its ledger is in memory and refuses nothing.
            try? await board.close(open, by: by)
        }
    }

    /// Looks at the queue until nothing more happens at this moment.
    private mutating func settle() async throws {
        for _ in 0..<Self.mostPasses {
            let before = world.ledger.commits
            let due = try await world.board.lookAtQueue()
            for id in due.starts { try await begin(id) }
            for id in due.asks { await world.board.askAboutAlert(id) }
            for id in due.proofs { try await prove(id, isShown: false) }
            try await follow(world.ledger.takeNews().jobs)
            await world.board.forgetEscalations()
            if world.ledger.commits == before, due.starts.isEmpty, due.asks.isEmpty, due.proofs.isEmpty { return }
        }
    }

    // MARK: Deliveries

    private mutating func take(_ stored: StoredDelivery) async throws {
        let receivedAt = stored.delivery.receivedAt
        try await loadRecorded(until: receivedAt)
        try await advance(to: max(receivedAt, world.clock.now))
        tally.summary.deliveries += 1
        // No source sends an empty body that says something.
        if stored.delivery.body.isEmpty {
            tally.summary.withoutBody += 1
            return
        }
        world.ledger.put(stored)
        _ = try await world.intake.takeBatch()
        let news = world.ledger.takeNews()
        tally.summary.resends += news.resends
        if news.isUndecodable { tally.summary.undecodable += 1 }
        for event in news.events { try await note(event, news.jobs.first { $0.eventID == event.id }, stored) }
        try await follow(news.jobs)
        try await settle()
    }

    /// The key by which guards count a job that they did not let be made.
    private func key(of event: Event) -> String {
        let set = test.world
        let considered = set.rules[0].consider(event, in: set)
        guard let command = set.commands[test.rule.run] else { return "" }
        let factory = JobFactory(definitions: set, newKey: { "" })
        // What cannot be made has no key.
        let job = try? set.rules[0].job(
            of: event, considered, command, eventID: 0, factory, now: world.clock.now)
        return job?.made.job.guardKey ?? ""
    }

    /// A new event, with the job that the rule made of it.
    private mutating func note(_ event: StoredEvent, _ job: Job?, _ stored: StoredDelivery) async throws {
        tally.summary.events += 1
        if event.event.kind == "truncated" {
            tally.assume("alerts that Alertmanager cut off (max_alerts) are not looked at")
        }
        guard let considered = event.explanation["rules"]?.arrayValue?.first,
            let words = considered["decision"]?.stringValue
        else { return }
        let seen = try await record.seen(event.event, delivery: stored.rowID)
        let twin = seen?.job.flatMap { $0.command == (job?.command ?? $0.command) ? $0 : nil }
        let number = tally.add(
            event, considered, words, job, twin: job == nil ? nil : twin, key: job?.guardKey ?? key(of: event.event),
            delivery: stored.rowID, at: world.clock.now)
        tally.compare(number, seen, isLookedAt: stored.state != .received)
        guard let job else { return }
        runs[job.id] = Run(decision: number, twin: twin)
        // People stopped it before it began.
        if let twin, twin.startedAt == nil, twin.state == .cancelled, let ended = twin.endedAt,
            let reason = twin.reason, reason.hasPrefix("cancelled by ")
        {
            schedule(
                max(ended, world.clock.now), .cancelled(job.id, by: String(reason.dropFirst("cancelled by ".count))))
        }
    }
}
