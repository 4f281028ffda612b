import Domain
import Foundation
import Logging
import Metrics

/// Every job that is not final, in memory: a copy of the ledger's, which is written first. All changes of a job's state
/// go through `apply`, one at a time per job.
actor JobBoard {
    /// A job on the board.
    struct Entry {
        var job: Job
        var steps: [Step]
        let stop = StopSignal()
        /// True while somebody looks whether what it waits for is there.
        var isLookedAt = false
        /// True when news came while somebody looked.
        var isWoken = false
        /// When somebody looks next whether its effect shows; nil: at once.
        var nextLook: Date?
        /// Tells who looks whether its effect shows to stop.
        let proofStop = StopSignal()
        /// What the alert's source said last.
        var alertAnswer: AlertAnswer?
    }

    /// What an alert's source said when it was asked.
    struct AlertAnswer {
        var at: Date
        /// Nil: it cannot be told.
        var isFiring: Bool?
    }

    /// What guards count by.
    private struct GuardedBy: Hashable {
        var command: String
        var key: String
    }

    let definitions: CurrentDefinitions
    let catalogue: ActionCatalogue
    let writer: PatientWriter
    let reader: any LedgerReader
    let numbers: any LedgerNumbers
    let time: any TimeSource
    let limits: Limits
    let alerts: (any AlertDirectory)?
    let newKey: @Sendable () -> String
    /// Fired when a report was put into the outbox.
    let outboxSignal: Signal
    /// Channels in which jobs about the same share one message.
    private let sharedChannels: Set<String>
    /// Fired when the queue should be looked at.
    let queueSignal = Signal()
    /// While it is set no job that changes anything leaves the queue.
    nonisolated let freeze = FreezeState()
    nonisolated let breakers = BreakerTable()
    nonisolated let maintenance = MaintenanceTable()
    nonisolated let heads: ReportHeads
    /// The latest time at which the ledger was put back from a backup.
    private(set) var restorePoint: RestorePoint?
    /// Jobs that were under way in the backup.
    private(set) var lostByRestore: [Job] = []

    var entries: [JobID: Entry] = [:]
    var locks = LockTable()
    /// Jobs that nobody can tell of, and when people are called about them.
    var undecided: [JobID: Date] = [:]
    /// The groups of jobs that nobody can tell of: they may still be under way.
    var undecidedGroups: [JobID: String] = [:]
    /// Calls for people that nobody has ended yet.
    var escalations: [JobID: Escalation] = [:]
    var isStopping = false
    private var running: Set<JobID> = []
    /// What rules and schedules started.
    private var automatic: [GuardedBy: Set<JobID>] = [:]
    private var busy: Set<JobID> = []
    private var waitingForTurn: [JobID: [CheckedContinuation<Void, Never>]] = [:]

    init(
        definitions: CurrentDefinitions, catalogue: ActionCatalogue, writer: PatientWriter, reader: any LedgerReader,
        numbers: any LedgerNumbers, time: any TimeSource, limits: Limits, alerts: (any AlertDirectory)?,
        newKey: @escaping @Sendable () -> String, outboxSignal: Signal, sharedChannels: Set<String>,
        threadedChannels: Set<String>
    ) {
        self.definitions = definitions
        self.catalogue = catalogue
        self.writer = writer
        self.reader = reader
        self.numbers = numbers
        self.time = time
        self.limits = limits
        self.alerts = alerts
        self.newKey = newKey
        self.outboxSignal = outboxSignal
        self.sharedChannels = sharedChannels
        heads = ReportHeads(channels: threadedChannels)
    }

    /// Reads what an earlier run left. Returns the jobs that were running, to be gone on with.
    func restore() async throws -> [JobID] {
        freeze.set(Freeze(try await reader.note(Freeze.note)), of: nil)
        for (_, note) in try await reader.notes(under: Freeze.note + "/") {
            if let freeze = Freeze(note) { self.freeze.set(freeze, of: freeze.pool) }
        }
        for (_, note) in try await reader.notes(under: Maintenance.note) {
            if let entry = Maintenance(note) { maintenance.set(entry) }
        }
        try await readBreakers()
        try await readHeads()
        restorePoint = RestorePoint(try await reader.note(RestorePoint.note))
        locks = LockTable(try await reader.heldLocks())
        for job in try await reader.openJobs() {
            let entry = Entry(job: job, steps: try await reader.steps(jobID: job.id))
            // A wish to cancel outlives the run to which it was told.
            if let reason = job.stopReason { entry.stop.fire(reason) }
            put(entry)
            // News of what it waits for may have come while nobody listened.
            if job.wait != nil, job.heldUntil != nil { entries[job.id]?.job.heldUntil = time.now }
        }
        for job in try await reader.jobs(JobFilter(states: [.unknown], limit: 1000)) {
            undecided[job.id] = job.heldUntil
            undecidedGroups[job.id] = job.group?.name
        }
        try await restoreEscalations()
        if let restorePoint, !restorePoint.isSettled { try await loseWhatWasUnderWay(restorePoint) }
        let running = entries.values.filter { $0.job.state == .running }.map(\.job.id).sorted()
        for id in running {
            self.running.insert(id)
            try await apply(id, .resumed(fencing: numbers.nextFencing()))
        }
        return running
    }

    /// Takes what the ledger holds for the truth, also after something was not written.
    func readBreakers() async throws(LedgerError) {
        breakers.replace(with: try await reader.notes(under: Breaker.note).compactMap { Breaker($0.note) })
    }

    /// Takes what the ledger holds for the truth, also after something was not written.
    func readHeads() async throws(LedgerError) { heads.replace(with: try await reader.notes(under: ReportHead.note)) }

    /// What the ledger says is under way was so when the backup was made: what became of it since, nobody can tell.
    private func loseWhatWasUnderWay(_ point: RestorePoint) async throws(LedgerError) {
        for entry in entries.values.filter(\.job.hasBegun).sorted(by: { $0.job.id < $1.job.id }) {
            var steps = entry.steps.filter { $0.state == .running }
            for index in steps.indices {
                steps[index].state = .unknown
                steps[index].error = point.words
                steps[index].endedAt = time.now
            }
            if try await apply(entry.job.id, .restored(reason: point.words, steps)) { lostByRestore.append(entry.job) }
        }
    }

    /// Takes secrets out of what is kept beside the steps' outputs.
    nonisolated var redactor: Redactor { writer.redactor }

    // MARK: What is on the board

    var openCount: Int { entries.count }
    var runningCount: Int { running.count }

    func entry(_ id: JobID) -> Entry? { entries[id] }

    /// The job as it is when what happens to it just now has happened.
    func settledEntry(_ id: JobID) async -> Entry? {
        await takeTurn(id)
        defer { endTurn(id) }
        return entries[id]
    }

    func ids(alertFingerprint: String) -> [JobID] {
        entries.values.filter { $0.job.alertFingerprint == alertFingerprint }.map(\.job.id).sorted()
    }

    /// An unfinished job that a rule started for the same command and key.
    func openAutomaticJob(command: String, guardKey: String, besides known: JobID? = nil) -> JobID? {
        automatic[GuardedBy(command: command, key: guardKey)]?.filter { $0 != known }.min()
    }

    func put(_ entry: Entry) {
        let job = entry.job
        entries[job.id] = entry
        guard job.requester.personID == nil else { return }
        automatic[GuardedBy(command: job.command, key: job.guardKey), default: []].insert(job.id)
    }

    func remove(_ job: Job) {
        entries[job.id] = nil
        running.remove(job.id)
        let guards = GuardedBy(command: job.command, key: job.guardKey)
        automatic[guards]?.remove(job.id)
        if automatic[guards]?.isEmpty == true { automatic[guards] = nil }
    }

    /// An unfinished job that this schedule asked for. One of an older version says no schedule, and is its command's.
    func openJob(ofSchedule schedule: ScheduleDefinition) -> JobID? {
        entries.values.filter {
            $0.job.requester == .rule(ScheduleDefinition.requester) && $0.job.command == schedule.run
                && $0.job.schedule ?? $0.job.command == schedule.name
        }.map(\.job.id).min()
    }

    /// Waiting jobs in the order in which they will start.
    func queue() -> [QueuedJob] {
        waiting.compactMap { entries[$0]?.job }.map { job in
            QueuedJob(
                id: job.id, commandLine: job.commandLine, requester: job.requester.description, since: job.createdAt,
                reason: job.reason ?? "starts now")
        }
    }

    var waiting: [JobID] {
        entries.keys.filter { id in
            switch entries[id]?.job.state {
            case .queued, .held: true
            default: false
            }
        }.sorted()
    }

    /// The bot stops: whoever runs or looks is told, also one that is about to begin. Nothing starts any more.
    func interruptAll() {
        isStopping = true
        for entry in entries.values {
            entry.stop.fire(.shutdown)
            entry.proofStop.fire(.shutdown)
        }
    }

    // MARK: Changes

    /// What is written when a job is made; the caller commits it with the event, then calls `add`.
    nonisolated func change(making made: JobFactory.Made, _ definitions: DefinitionSet) -> LedgerChange {
        guard let transition = EventPath.next(made.job, .made, now: made.job.createdAt) else { return LedgerChange() }
        return change(transition, steps: made.steps, definitions, isFirst: true, savesSteps: true)
    }

    /// Puts a job that is committed on the board.
    func add(_ made: JobFactory.Made) {
        // As `change(making:)` has written it.
        var job = EventPath.next(made.job, .made, now: made.job.createdAt)?.job ?? made.job
        job.version += 1
        let entry = Entry(job: job, steps: made.steps)
        if isStopping { entry.stop.fire(.shutdown) }
        put(entry)
        queueSignal.fire()
        outboxSignal.fire()
    }

    /// Gives a job an input. Returns whether it meant anything.
    /// `onlyForPlan`: it means nothing any more when the job's plan is another by its turn.
    @discardableResult
    func apply(
        _ id: JobID, _ input: JobInput, with more: LedgerChange = LedgerChange(), onlyForPlan: String? = nil
    ) async throws(LedgerError) -> Bool {
        await takeTurn(id)
        defer { endTurn(id) }
        guard let entry = entries[id] else { return false }
        if let onlyForPlan, entry.job.approval?.plan?.hash != onlyForPlan { return false }
        if case .alertResolved = input, entry.job.hasBegun, hasChangedSomething(entry), entry.job.state != .verifying {
            return false
        }
        let alertIsResolved = await alertIsResolved(entry.job)
        // The freeze may have come while the guards were asked.
        if case .started = input, freezeHolding(entry.job) != nil { return false }
        guard var transition = EventPath.next(entry.job, input, now: time.now, alertIsResolved: alertIsResolved) else {
            return false
        }
        var steps = entry.steps
        for step in input.changedSteps { steps[step.index] = step }
        let remedy = try await nextRemedy(after: &transition)
        let current = definitions.value
        var change = self.change(transition, steps: steps, current, isFirst: false)
        if let remedy { change.merge(self.change(making: remedy, current)) }
        let call =
            remedy == nil
            ? call(for: transition, steps, current, alertIsOver: alertIsResolved || transition.isAlertOver) : nil
        if let call { change.merge(call.change) }
        change.merge(more)
        change.merge(endOfTrial(transition.job, time.now))
        try await writer.commit(change)
        finish(id, transition, steps, input)
        if let remedy { add(remedy) }
        if let call { escalations[id] = call.escalation }
        return true
    }

    /// Ends a job that nobody could tell of, as a person has found it. Returns whether it was such a job.
    func decide(_ id: JobID, _ state: JobState, by person: String) async throws(LedgerError) -> Bool {
        guard try await applyToEnded(id, .decided(state, by: person)) else { return false }
        locks.release(jobID: id)
        queueSignal.fire()
        return true
    }

    /// Makes a new job of one that nobody could tell of, in its place, or of one that has ended. Returns false when that
    /// was done already, or it has not ended.
    func tryAgain(
        _ id: JobID, as made: JobFactory.Made, by person: String, _ definitions: DefinitionSet
    ) async throws(LedgerError) -> Bool {
        var made = made
        made.job.againOf = id
        let new = change(making: made, definitions)
        guard try await applyToEnded(id, .triedAgain(as: made.job.id, by: person), with: new) else { return false }
        locks.release(jobID: id)
        add(made)
        return true
    }

    /// Takes the locks of a job that nobody could tell of away. Returns whether it was such a job.
    func unlock(_ id: JobID, by person: String) async throws(LedgerError) -> Bool {
        guard try await applyToEnded(id, .unlocked(by: person)) else { return false }
        locks.release(jobID: id)
        queueSignal.fire()
        return true
    }

    /// Who holds locks at this path, above it or below it.
    func holders(of path: String) -> [HeldLock] {
        locks.held.filter { $0.request.conflicts(with: LockRequest(path: path)) }
    }

    /// Gives an input to a job that is not on the board any more.
    func applyToEnded(_ id: JobID, _ input: JobInput, with more: LedgerChange = LedgerChange())
        async throws(LedgerError) -> Bool
    {
        await takeTurn(id)
        defer { endTurn(id) }
        let job = try await reader.job(id: id).flatMap { $0.state.isFinal ? $0 : nil }
        let transition = job.flatMap { EventPath.next($0, input, now: time.now) }
        if let transition {
            let steps = try await reader.steps(jobID: id)
            let current = definitions.value
            var change = self.change(transition, steps: steps, current, isFirst: false)
            change.merge(more)
            // Of one that has ended otherwise people are called until somebody says so, or its alert resolves.
            let call = job?.state == .unknown ? callAboutEnded(transition, steps, current) : nil
            if let call { change.merge(call.change) }
            try await writer.commit(change)
            if let call { escalations[id] = call.escalation }
            outboxSignal.fire()
        }
        undecided[id] = transition?.job.heldUntil
        if let transition, transition.job.state != .unknown { undecidedGroups[id] = nil }
        return transition != nil
    }

    private func finish(_ id: JobID, _ transition: EventPath.Transition, _ steps: [Step], _ input: JobInput) {
        var job = transition.job
        job.version += 1
        switch input {
        case .started(let fencing, _), .resumed(let fencing):
            locks.release(jobID: id)
            locks.take(job.locks, jobID: id, fencing: fencing)
        default: break
        }
        // Nobody plans any more for a job that has ended.
        if job.state.isFinal, entries[id]?.isLookedAt == true { entries[id]?.stop.fire(.cancelled(by: "its end")) }
        if transition.stopsRun, let reason = job.stopReason { entries[id]?.stop.fire(reason) }
        if job.state.isFinal || [.verifying, .held, .waitingConfirmation, .waitingApproval].contains(job.state),
            job.state != .unknown
        {
            locks.release(jobID: id)
        }
        if job.state.isFinal {
            Counter(label: "defimon_jobs", dimensions: [("command", job.command), ("outcome", job.state.rawValue)])
                .increment()
            entries[id]?.proofStop.fire(.cancelled(by: "its end"))
            remove(job)
            if job.state == .unknown {
                undecided[id] = job.heldUntil
                undecidedGroups[id] = job.group?.name
            }
        } else {
            entries[id]?.job = job
            entries[id]?.steps = steps
            if job.state == .running { running.insert(id) } else { running.remove(id) }
        }
        queueSignal.fire()
        outboxSignal.fire()
    }

    nonisolated func change(
        _ transition: EventPath.Transition, steps: [Step], _ definitions: DefinitionSet, isFirst: Bool,
        savesSteps: Bool = false
    ) -> LedgerChange {
        var job = transition.job
        job.version += 1
        var result = LedgerChange([.saveJob(job)] + transition.writes, audit: transition.audit)
        if savesSteps { result.writes += steps.map { .saveStep($0) } }
        let report = JobReport(
            job: job, steps: steps, command: definitions.commands[job.command], definitions: definitions, now: time.now,
            notice: freeze.notice)
        let messages = JobMessages(
            report: report, isFirst: isFirst, tellsDetails: transition.tellsDetails, sharedChannels: sharedChannels,
            threadedChannels: heads.channels)
        result.writes += heads.writes(for: job, isFirst: isFirst, now: time.now)
        if transition.isTold { result.writes += messages.writes }
        if let news = transition.approvalNews { result.writes += messages.news(news) }
        return result
    }

    private func hasChangedSomething(_ entry: Entry) -> Bool {
        entry.steps.contains { step in
            step.state != .pending && step.state != .skipped && catalogue[step.action]?.effect != .reads
        }
    }

    func alertIsResolved(_ job: Job) async -> Bool {
        guard let fingerprint = job.alertFingerprint else { return false }
        // When the ledger cannot be read the alert counts as firing: the verification waits for its resolve.
        let episode = try? await reader.episode(fingerprint: fingerprint)
        return (episode ?? nil)?.resolvedAt != nil
    }

    func takeTurn(_ id: JobID) async {
        guard busy.contains(id) else {
            busy.insert(id)
            return
        }
        await withCheckedContinuation { waitingForTurn[id, default: []].append($0) }
    }

    func endTurn(_ id: JobID) {
        if var queue = waitingForTurn[id], !queue.isEmpty {
            let next = queue.removeFirst()
            waitingForTurn[id] = queue.isEmpty ? nil : queue
            next.resume()
        } else {
            busy.remove(id)
        }
    }
}
