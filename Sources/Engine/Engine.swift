package import Domain
import Foundation
package import Logging
import ServiceLifecycle
import Synchronization

/// Everything that happens after a delivery is recorded: intake, queue, jobs, reports. A service; while it does not run
/// nothing but recording happens, and all that waits is taken up when it does.
package final class BotEngine: Service, BotControl, IngressObserver {
    /// What the engine works with.
    package struct Parts: Sendable {
        package var reader: any LedgerReader
        package var writer: any LedgerWriter
        package var numbers: any LedgerNumbers
        package var definitions: CurrentDefinitions
        package var catalogue: ActionCatalogue
        package var decoders: [any EventDecoder]
        package var outlets: [any Outlet]
        package var status: any PoolStatusSource
        /// Asked for the state of an alert whose resolve did not come; nil: nobody can be asked.
        package var alerts: (any AlertDirectory)?
        package var redactor: Redactor
        package var time: any TimeSource
        package var limits: Limits
        /// An alert that was not seen for that long is over.
        package var alertStaleAfter: Duration
        /// Loads the definitions again; returns the problems that keep the old ones in force.
        package var loadDefinitions: @Sendable () async -> Result<DefinitionSet, DefinitionProblems>
        /// Why the ledger is not ready, nil when it is.
        package var ledgerHealth: @Sendable () -> String?
        package var random: @Sendable () -> Double
        /// A new idempotency key: a random UUID (RFC 9562).
        package var newKey: @Sendable () -> String
        package var logger: Logger
        /// Reads all secrets again, and says what became of them.
        package var readSecretsAgain: @Sendable () async -> SecretRereading = { SecretRereading() }
        /// Is told when the alert comes that must keep coming; nil: none must.
        package var watchdog: WatchdogSightings?
        /// Knows how far this machine's clock is off; nil: nobody does.
        package var clock: ClockCheck?
        /// What else people should know who look whether the bot is ready, and what does not keep it from work.
        package var warnings: @Sendable () async -> [String] = { [] }
        /// What others want to have shown among the metrics.
        package var readings: @Sendable () async -> [MetricReading] = { [] }

        package init(
            reader: any LedgerReader, writer: any LedgerWriter, numbers: any LedgerNumbers,
            definitions: CurrentDefinitions, catalogue: ActionCatalogue, decoders: [any EventDecoder],
            outlets: [any Outlet], status: any PoolStatusSource, alerts: (any AlertDirectory)? = nil,
            redactor: Redactor, time: any TimeSource,
            limits: Limits, alertStaleAfter: Duration,
            loadDefinitions: @escaping @Sendable () async -> Result<DefinitionSet, DefinitionProblems>,
            ledgerHealth: @escaping @Sendable () -> String?, random: @escaping @Sendable () -> Double,
            newKey: @escaping @Sendable () -> String, logger: Logger
        ) {
            self.reader = reader
            self.writer = writer
            self.numbers = numbers
            self.definitions = definitions
            self.catalogue = catalogue
            self.decoders = decoders
            self.outlets = outlets
            self.status = status
            self.alerts = alerts
            self.redactor = redactor
            self.time = time
            self.limits = limits
            self.alertStaleAfter = alertStaleAfter
            self.loadDefinitions = loadDefinitions
            self.ledgerHealth = ledgerHealth
            self.random = random
            self.newKey = newKey
            self.logger = logger
        }
    }

    private let parts: Parts
    private let writer: PatientWriter
    private let board: JobBoard
    private let desk: BuiltInDesk
    private let intake: Intake
    private let outbox: OutboxService
    private let refusals: RefusalLog
    private let schedules: ScheduleService
    /// Tells the team what belongs to no job.
    package var announcer: any TeamAnnouncer { teamAnnouncer }
    private let teamAnnouncer: LedgerAnnouncer
    /// Starts jobs for steps; the action that asks for them is made before the engine is.
    package let jobStarter: any JobStarter
    private let intakeSignal = Signal()
    private let work: AsyncStream<RequestDesk.Work>
    private let stopping = StopSignal()
    /// Fired when running steps have no grace any more.
    private let hurry = StopSignal()
    /// Fired when no job runs any more; the outbox ends after it.
    private let jobsEnded = StopSignal()
    private let isRestored = Mutex(false)

    package init(_ parts: Parts) {
        self.parts = parts
        let outboxSignal = Signal()
        let (work, continuation) = AsyncStream.makeStream(
            of: RequestDesk.Work.self, bufferingPolicy: .bufferingOldest(PromisedAnswer.most))
        self.work = work
        writer = PatientWriter(
            writer: parts.writer, redactor: parts.redactor, time: parts.time, logger: parts.logger)
        board = JobBoard(
            definitions: parts.definitions, catalogue: parts.catalogue, writer: writer, reader: parts.reader,
            numbers: parts.numbers, time: parts.time, limits: parts.limits, alerts: parts.alerts,
            newKey: parts.newKey, outboxSignal: outboxSignal,
            sharedChannels: Set(parts.outlets.filter(\.sharesMessages).map(\.channel)),
            threadedChannels: Set(parts.outlets.filter(\.hasThreads).map(\.channel)))
        refusals = RefusalLog(time: parts.time)
        let requests = RequestDesk(
            board: board, numbers: parts.numbers, limits: parts.limits, time: parts.time, newKey: parts.newKey,
            outboxSignal: outboxSignal, refusals: refusals, meter: RequestMeter(rate: parts.limits.requestsPerPerson),
            hand: { if case .enqueued = continuation.yield($0) { true } else { false } })
        teamAnnouncer = LedgerAnnouncer(
            definitions: parts.definitions, writer: writer, time: parts.time, outboxSignal: outboxSignal)
        let desk = BuiltInDesk(
            board: board, reader: parts.reader, requests: requests, writer: writer, announcer: teamAnnouncer,
            status: parts.status, time: parts.time)
        self.desk = desk
        intake = Intake(
            reader: parts.reader, writer: writer, numbers: parts.numbers, decoders: parts.decoders, board: board,
            requests: requests, alerts: AlertDesk(reader: parts.reader, staleAfter: parts.alertStaleAfter),
            watchdog: parts.watchdog,
            time: parts.time, logger: parts.logger, signal: intakeSignal, answerNow: { await desk.answer($0) })
        outbox = OutboxService(
            reader: parts.reader, writer: writer,
            outlets: Dictionary(parts.outlets.map { ($0.channel, $0) }, uniquingKeysWith: { first, _ in first }),
            time: parts.time, signal: outboxSignal, logger: parts.logger,
            defaultPlaces: { [definitions = parts.definitions] in definitions.value.defaultReport })
        schedules = ScheduleService(
            board: board, reader: parts.reader, writer: writer, numbers: parts.numbers, limits: parts.limits,
            time: parts.time, newKey: parts.newKey, outboxSignal: outboxSignal, logger: parts.logger)
        jobStarter = RunEachStarter(
            board: board, reader: parts.reader, writer: writer, numbers: parts.numbers, limits: parts.limits,
            time: parts.time, newKey: parts.newKey)
    }

    // MARK: Running

    package func run() async throws {
        try await record("bot.started", ["definitions": .string(parts.definitions.value.hash)])
        let resumed = try await board.restore()
        try await RestoreNews(board: board, announcer: announcer).tell()
        for freeze in board.freeze.all {
            parts.logger.warning(
                "frozen", metadata: ["what": "\(freeze.what)", "by": "\(freeze.by)", "reason": "\(freeze.reason)"])
        }
        try await writer.commit(PromisedAnswer.tellBroken(parts.reader, desk.requests, parts.time.now))
        isRestored.withLock { $0 = true }
        if !resumed.isEmpty {
            parts.logger.notice("jobs go on where they were", metadata: ["jobs": "\(resumed)"])
        }
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { reports in
                reports.addTask { await self.outbox.run(until: self.jobsEnded) }
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await self.intake.run() }
                    group.addTask { await self.refusals.run(self.writer) }
                    group.addTask { await self.answerWork() }
                    group.addTask { await self.schedules.run() }
                    await self.runJobs(resumed)
                    group.cancelAll()
                }
                self.jobsEnded.fire(.shutdown)
                await reports.waitForAll()
            }
            await self.lastReports()
            // Whoever was told to stop at once waits for the others' turn.
            if self.hurry.isFired { try? await gracefulShutdown() }  // thrown when it is cancelled: its turn too
        } onGracefulShutdown: {
            self.stopping.fire(.shutdown)
        }
        try? await record("bot.stopped", [:])  // the ledger may be closed already
    }

    /// Runs jobs until the bot stops. Running steps then have their grace, and are left for the next start.
    private func runJobs(_ resumed: [JobID]) async {
        await withTaskGroup(of: Void.self) { watch in
            watch.addTask {
                guard await self.stopping.wait() != nil else { return }
                await withTaskGroup(of: Void.self) { grace in
                    grace.addTask {
                        // Cancelled: all have ended.
                        try? await self.parts.time.sleep(for: self.parts.limits.shutdownGrace)
                    }
                    grace.addTask { _ = await self.hurry.wait() }
                    await grace.next()
                    grace.cancelAll()
                }
                await self.board.interruptAll()
            }
            await runQueue(resumed)
            watch.cancelAll()
        }
    }

    private func runQueue(_ resumed: [JobID]) async {
        await withTaskGroup(of: Void.self) { group in
            for id in resumed { group.addTask { await self.runner.run(id, isResumed: true) } }
            while !Task.isCancelled, stopping.reason == nil {
                do {
                    let due = try await board.lookAtQueue()
                    for id in due.starts { group.addTask { await self.runner.run(id, isResumed: false) } }
                    for id in due.plans { group.addTask { await self.runner.planAhead(id) } }
                    for id in due.proofs { group.addTask { await self.runner.prove(id) } }
                    for id in due.looks { group.addTask { await self.runner.lookAgain(id) } }
                    for id in due.asks { group.addTask { await self.board.askAboutAlert(id) } }
                } catch LedgerError.closed {
                    break
                } catch {
                    parts.logger.error("the queue cannot be looked at", metadata: ["error": "\(error)"])
                    try? await parts.time.sleep(for: .seconds(1))  // cancelled: the loop ends
                    continue
                }
                await waitForQueue()
            }
        }
    }

    /// Lets the last messages go out before the bot stops; what does not is delivered after the next start.
    private func lastReports() async {
        // What is left running was just said to go on later: that is waited for, where a channel takes one edit a second.
        let patience = await board.runningCount > 0 ? Duration.seconds(3) : .zero
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.outbox.deliverWhatIsDue(within: patience) }
            group.addTask { try? await self.parts.time.sleep(for: .seconds(5)) }  // cancelled: all are out
            await group.next()
            group.cancelAll()
        }
    }

    /// No job starts from now on, and running steps are cut as at the end of their grace, to go on after the next start.
    /// Nothing else ends: that is for the shutdown that follows.
    package func stopAtOnce() {
        hurry.fire(.shutdown)
        stopping.fire(.shutdown)
    }

    private var runner: JobRunner {
        JobRunner(
            board: board, catalogue: parts.catalogue, time: parts.time, logger: parts.logger, random: parts.random)
    }

    private func waitForQueue() async {
        let due = await board.nextDue()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.board.queueSignal.wait() }
            group.addTask { _ = await self.stopping.wait() }
            if let due {
                let wait = max(due.since(parts.time.now), .milliseconds(20))
                group.addTask { try? await self.parts.time.sleep(for: wait) }  // cancelled: something came first
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func answerWork() async {
        await withTaskGroup(of: Void.self) { group in
            var underWay = 0
            for await item in work {
                if underWay >= 8 {
                    await group.next()
                    underWay -= 1
                }
                underWay += 1
                group.addTask { await self.answer(item) }
            }
        }
    }

    private func answer(_ item: RequestDesk.Work) async {
        let answer = await desk.answer(item)
        // What was broken off by the bot's end says nothing; after the next start that is said.
        guard !Task.isCancelled else { return }
        var change = desk.requests.saying(
            answer.report, to: item.request, subject: "answer/\(item.key)", parts.time.now)
        change.writes.append(PromisedAnswer.kept(item.key))
        do { try await writer.commit(change) } catch {
            parts.logger.warning("an answer is not given: the ledger is closed; after the next start that is said")
        }
        desk.requests.outboxSignal.fire()
    }

    private func record(_ kind: String, _ detail: JSONValue) async throws(LedgerError) {
        try await writer.commit(
            LedgerChange(
                audit: [AuditEntry(time: parts.time.now, actor: "defimon", kind: kind, subject: "bot", detail: detail)])
        )
    }

    /// Tells these places what belongs to no job, each time in a message of its own; the team's places when there are
    /// none.
    package func announcer(to places: [Place]) -> any TeamAnnouncer {
        var announcer = teamAnnouncer
        if !places.isEmpty { announcer.places = places }
        return announcer
    }

    // MARK: IngressObserver

    package func accepted(_ delivery: RecordedDelivery) {
        intakeSignal.fire()
    }

    package func refused(_ refusal: Refusal, source: Source, remoteAddress: String) {
        refusals.note(refusal, source: source, remoteAddress: remoteAddress)
    }

    // MARK: BotControl

    package func run(_ text: String, as identity: Identity, idempotencyKey: String?) async throws(ControlError)
        -> RunAnswer
    {
        let request = CommandRequest(text: text, identity: identity, answerTo: nil, reportTo: nil)
        do { return try await desk.run(request, idempotencyKey: idempotencyKey) } catch {
            throw .unavailable("the ledger cannot be written: \(error)")
        }
    }

    package func cancel(_ id: JobID, by identity: Identity) async throws(ControlError) -> String {
        try await run("cancel \(id)", as: identity, idempotencyKey: nil).report.title
    }

    package func retry(_ id: JobID, by identity: Identity) async throws(ControlError) -> RunAnswer {
        try await run("retry \(id)", as: identity, idempotencyKey: nil)
    }

    package func reload() async -> [Problem] {
        await tell(SecretNews(found: await parts.readSecretsAgain(), now: parts.time.now))
        switch await parts.loadDefinitions() {
        case .success(let set):
            guard set.hash != parts.definitions.value.hash else { return [] }
            parts.definitions.replace(with: set)
            parts.logger.notice("definitions loaded", metadata: ["hash": "\(set.hash)"])
            // It is tried again inside, and fails only when the bot stops.
            try? await record("definitions.loaded", ["hash": .string(set.hash)])
            board.queueSignal.fire()
            schedules.signal.fire()
            return []
        case .failure(let failure):
            parts.logger.error(
                "definitions were not loaded, the old ones stay", metadata: ["problems": "\(failure.problems.count)"])
            await tellBadReload(failure.problems)
            return failure.problems
        }
    }

    private func tell(_ news: SecretNews) async {
        for name in news.found.rotated {
            parts.logger.notice("a secret has a new value", metadata: ["name": "\(name)"])
        }
        for failure in news.found.failures {
            parts.logger.error(
                "a secret cannot be read, its old value stays in use",
                metadata: ["name": "\(failure.name)", "reason": "\(failure.reason)"])
        }
        // Both are tried again inside, and fail only when the bot stops.
        if let report = news.report {
            try? await announcer.announce(report, subject: SecretNews.subject, with: news.change)
        } else {
            try? await writer.commit(news.change)
        }
    }

    private func tellBadReload(_ problems: [Problem]) async {
        let lines = problems.prefix(20).map(\.description).joined(separator: "\n")
        let now = parts.time.now
        let report = Report(
            mood: .warning,
            title:
                "Definitions were not loaded: \(problems.count) problem\(problems.count == 1 ? "" : "s"). The old ones stay in force.",
            blocks: [.code(lines)])
        let change = LedgerChange(
            audit: [
                AuditEntry(
                    time: now, actor: "defimon", kind: "definitions.refused", subject: "bot",
                    detail: ["problems": .string(lines)])
            ])
        // Retried inside; fails at the stop only. Each bad reload is a message of its own.
        try? await announcer.announce(report, subject: "definitions/\(parts.newKey())", with: change)
    }

    package func notReadyReasons() async -> [String] {
        var reasons: [String] = []
        if let health = parts.ledgerHealth() { reasons.append("ledger: \(health)") }
        if !isRestored.withLock({ $0 }) { reasons.append("jobs are still being read from the ledger") }
        if stopping.reason != nil { reasons.append("the bot is stopping") }
        if let clock = parts.clock, clock.isUnusable, let complaint = clock.complaint { reasons.append(complaint) }
        return reasons
    }

    package func warnings() async -> [String] {
        let others = await parts.warnings()
        guard let clock = parts.clock, !clock.isUnusable, let complaint = clock.complaint else { return others }
        return [complaint] + others
    }

    package func readings() async -> [MetricReading] {
        let (open, running) = await (board.openCount, board.runningCount)
        var readings = [
            MetricReading("defimon_jobs_running", "Jobs that run.", Double(running)),
            MetricReading(
                "defimon_jobs_running_limit", "Jobs that may run side by side.", Double(parts.limits.concurrentJobs)),
            MetricReading("defimon_jobs_waiting", "Jobs that wait or are held.", Double(max(open - running, 0))),
            MetricReading("defimon_jobs_waiting_limit", "Jobs that may wait.", Double(parts.limits.waitingJobs)),
            MetricReading(
                "defimon_refusals_folded_total", "Refusals that share one audit record with others.",
                Double(refusals.folded)),
        ]
        if let offset = parts.clock?.offset {
            readings.append(
                MetricReading(
                    "defimon_clock_offset_seconds", "How much the providers' clocks are ahead of this machine's.",
                    offset.secondsValue))
        }
        return readings + (await parts.readings())
    }

    package func queue() async -> [QueuedJob] { await board.queue() }
}

/// Why definitions were not taken.
package struct DefinitionProblems: Error, Sendable {
    package var problems: [Problem]
    package init(problems: [Problem]) { self.problems = problems }
}
