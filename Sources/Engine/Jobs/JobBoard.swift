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
    }

    /// What guards count by.
    private struct GuardedBy: Hashable {
        var command: String
        var key: String
    }

    let definitions: CurrentDefinitions
    private let catalogue: ActionCatalogue
    private let writer: PatientWriter
    private let reader: any LedgerReader
    private let numbers: any LedgerNumbers
    private let time: any TimeSource
    private let limits: Limits
    private let alerts: (any AlertDirectory)?
    /// Fired when a report was put into the outbox.
    private let outboxSignal: Signal
    /// Channels in which jobs about the same share one message.
    private let sharedChannels: Set<String>
    /// Fired when the queue should be looked at.
    let queueSignal = Signal()
    /// While it is set no job that changes anything leaves the queue.
    nonisolated let freeze = FreezeState()
    /// The latest time at which the ledger was put back from a backup.
    private(set) var restorePoint: RestorePoint?
    /// Jobs that were under way in the backup.
    private(set) var lostByRestore: [Job] = []

    private var entries: [JobID: Entry] = [:]
    private var locks = LockTable()
    /// Jobs that nobody can tell of, and when people are called about them.
    private var undecided: [JobID: Date] = [:]
    private var isStopping = false
    private var running: Set<JobID> = []
    /// What rules and schedules started.
    private var automatic: [GuardedBy: Set<JobID>] = [:]
    private var busy: Set<JobID> = []
    private var waitingForTurn: [JobID: [CheckedContinuation<Void, Never>]] = [:]

    init(
        definitions: CurrentDefinitions, catalogue: ActionCatalogue, writer: PatientWriter, reader: any LedgerReader,
        numbers: any LedgerNumbers, time: any TimeSource, limits: Limits, alerts: (any AlertDirectory)?,
        outboxSignal: Signal, sharedChannels: Set<String>
    ) {
        self.definitions = definitions
        self.catalogue = catalogue
        self.writer = writer
        self.reader = reader
        self.numbers = numbers
        self.time = time
        self.limits = limits
        self.alerts = alerts
        self.outboxSignal = outboxSignal
        self.sharedChannels = sharedChannels
    }

    /// Reads what an earlier run left. Returns the jobs that were running, to be gone on with.
    func restore() async throws -> [JobID] {
        freeze.set(Freeze(try await reader.note(Freeze.note)))
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
        }
        if let restorePoint, !restorePoint.isSettled { try await loseWhatWasUnderWay(restorePoint) }
        let running = entries.values.filter { $0.job.state == .running }.map(\.job.id).sorted()
        for id in running {
            self.running.insert(id)
            try await apply(id, .resumed(fencing: numbers.nextFencing()))
        }
        return running
    }

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

    // MARK: What is on the board

    var openCount: Int { entries.count }
    var runningCount: Int { running.count }

    func entry(_ id: JobID) -> Entry? { entries[id] }

    func ids(alertFingerprint: String) -> [JobID] {
        entries.values.filter { $0.job.alertFingerprint == alertFingerprint }.map(\.job.id).sorted()
    }

    /// An unfinished job that a rule started for the same command and key.
    func openAutomaticJob(command: String, guardKey: String) -> JobID? {
        automatic[GuardedBy(command: command, key: guardKey)]?.min()
    }

    private func put(_ entry: Entry) {
        let job = entry.job
        entries[job.id] = entry
        guard job.requester.personID == nil else { return }
        automatic[GuardedBy(command: job.command, key: job.guardKey), default: []].insert(job.id)
    }

    private func remove(_ job: Job) {
        entries[job.id] = nil
        running.remove(job.id)
        let guards = GuardedBy(command: job.command, key: job.guardKey)
        automatic[guards]?.remove(job.id)
        if automatic[guards]?.isEmpty == true { automatic[guards] = nil }
    }

    /// An unfinished job of this command that this one asked for.
    func openJob(command: String, requester: Requester) -> JobID? {
        entries.values.filter { $0.job.command == command && $0.job.requester == requester }.map(\.job.id).min()
    }

    /// Waiting jobs in the order in which they will start.
    func queue() -> [QueuedJob] {
        waiting.compactMap { entries[$0]?.job }.map { job in
            QueuedJob(
                id: job.id, commandLine: job.commandLine, requester: job.requester.description, since: job.createdAt,
                reason: job.reason ?? "starts now")
        }
    }

    private var waiting: [JobID] {
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
        for entry in entries.values { entry.stop.fire(.shutdown) }
    }

    // MARK: Changes

    /// What is written when a job is made; the caller commits it with the event, then calls `add`.
    nonisolated func change(making made: JobFactory.Made, _ definitions: DefinitionSet) -> LedgerChange {
        guard let transition = EventPath.next(made.job, .made, now: made.job.createdAt) else { return LedgerChange() }
        return change(transition, steps: made.steps, definitions, isFirst: true, savesSteps: true)
    }

    /// Puts a job that is committed on the board.
    func add(_ made: JobFactory.Made) {
        var job = made.job
        job.version += 1
        let entry = Entry(job: job, steps: made.steps)
        if isStopping { entry.stop.fire(.shutdown) }
        put(entry)
        queueSignal.fire()
        outboxSignal.fire()
    }

    /// Gives a job an input. Returns whether it meant anything.
    @discardableResult
    func apply(_ id: JobID, _ input: JobInput) async throws(LedgerError) -> Bool {
        await takeTurn(id)
        defer { endTurn(id) }
        guard let entry = entries[id] else { return false }
        if case .alertResolved = input, entry.job.hasBegun, hasChangedSomething(entry), entry.job.state != .verifying {
            return false
        }
        let alertIsResolved = await alertIsResolved(entry.job)
        guard let transition = EventPath.next(entry.job, input, now: time.now, alertIsResolved: alertIsResolved) else {
            return false
        }
        var steps = entry.steps
        for step in input.changedSteps { steps[step.index] = step }
        try await writer.commit(change(transition, steps: steps, definitions.value, isFirst: false))
        finish(id, transition, steps, input)
        return true
    }

    /// Ends a job that nobody could tell of, as a person has found it. Returns whether it was such a job.
    func decide(_ id: JobID, _ state: JobState, by person: String) async throws(LedgerError) -> Bool {
        guard try await applyToEnded(id, .decided(state, by: person)) else { return false }
        locks.release(jobID: id)
        queueSignal.fire()
        return true
    }

    /// Makes a new job in the place of one that nobody could tell of. Returns whether it was such a job.
    func tryAgain(
        _ id: JobID, as made: JobFactory.Made, by person: String, _ definitions: DefinitionSet
    ) async throws(LedgerError) -> Bool {
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
    private func applyToEnded(_ id: JobID, _ input: JobInput, with more: LedgerChange = LedgerChange())
        async throws(LedgerError) -> Bool
    {
        await takeTurn(id)
        defer { endTurn(id) }
        let transition = try await reader.job(id: id).flatMap { EventPath.next($0, input, now: time.now) }
        if let transition {
            let steps = try await reader.steps(jobID: id)
            var change = change(transition, steps: steps, definitions.value, isFirst: false)
            change.merge(more)
            try await writer.commit(change)
            outboxSignal.fire()
        }
        undecided[id] = transition?.job.heldUntil
        return transition != nil
    }

    private func finish(_ id: JobID, _ transition: EventPath.Transition, _ steps: [Step], _ input: JobInput) {
        var job = transition.job
        job.version += 1
        switch input {
        case .started(let fencing), .resumed(let fencing):
            locks.release(jobID: id)
            locks.take(job.locks, jobID: id, fencing: fencing)
        default: break
        }
        if transition.stopsRun, let reason = job.stopReason { entries[id]?.stop.fire(reason) }
        if job.state.isFinal || [.verifying, .held].contains(job.state), job.state != .unknown {
            locks.release(jobID: id)
        }
        if job.state.isFinal {
            Counter(label: "defimon_jobs", dimensions: [("command", job.command), ("outcome", job.state.rawValue)])
                .increment()
            remove(job)
            if job.state == .unknown { undecided[id] = job.heldUntil }
        } else {
            entries[id]?.job = job
            entries[id]?.steps = steps
            if job.state == .running { running.insert(id) } else { running.remove(id) }
        }
        queueSignal.fire()
        outboxSignal.fire()
    }

    private nonisolated func change(
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
        let messages = JobMessages(report: report, isFirst: isFirst, sharedChannels: sharedChannels)
        if transition.isTold { result.writes += messages.writes }
        if transition.isEscalated { result.writes += messages.callForPeople }
        return result
    }

    private func hasChangedSomething(_ entry: Entry) -> Bool {
        entry.steps.contains { step in
            step.state != .pending && step.state != .skipped && catalogue[step.action]?.effect != .reads
        }
    }

    private func alertIsResolved(_ job: Job) async -> Bool {
        guard let fingerprint = job.alertFingerprint else { return false }
        // When the ledger cannot be read the alert counts as firing: the verification waits for its resolve.
        let episode = try? await reader.episode(fingerprint: fingerprint)
        return (episode ?? nil)?.resolvedAt != nil
    }

    /// Whether the alert is over. A silenced one sends no resolve, so at the end of the wait its source is asked.
    private func isProven(_ job: Job) async -> Bool {
        if await alertIsResolved(job) { return true }
        guard let alerts, let fingerprint = job.alertFingerprint else { return false }
        // Where the source cannot tell, people are called: the effect is not proven.
        return (try? await alerts.isFiring(fingerprint: fingerprint)) == false
    }

    private func takeTurn(_ id: JobID) async {
        guard busy.contains(id) else {
            busy.insert(id)
            return
        }
        await withCheckedContinuation { waitingForTurn[id, default: []].append($0) }
    }

    private func endTurn(_ id: JobID) {
        if var queue = waitingForTurn[id], !queue.isEmpty {
            let next = queue.removeFirst()
            waitingForTurn[id] = queue.isEmpty ? nil : queue
            next.resume()
        } else {
            busy.remove(id)
        }
    }

    // MARK: The queue

    /// What a look at the queue brought forth.
    struct Due {
        /// Jobs that start now, or go on.
        var starts: [JobID] = []
        /// Jobs of which somebody must look whether what they wait for is there.
        var looks: [JobID] = []
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
                } else if try await lookAt(job, &inLine) {
                    due.starts.append(job.id)
                }
            }
            try await lookAtVerifying()
            for (id, due) in undecided where due <= time.now { _ = try await applyToEnded(id, .undecided) }
        } catch {
            if due.starts.isEmpty { throw error }
            queueSignal.fire()
        }
        for id in due.looks {
            entries[id]?.isLookedAt = true
            entries[id]?.isWoken = false
        }
        return due
    }

    /// Whether nothing is to be done about a job, since what it waited for at the last look is still in its way. Whether
    /// it still makes sense is looked at when its turn comes.
    private func staysInLine(_ id: JobID, _ inLine: inout LockTable) -> Bool {
        guard freeze.value == nil, let reason = entries[id]?.job.reason, let job = entries[id]?.job,
            job.state == .queued, !job.hasBegun, job.startBefore > time.now, obstacle(job, inLine) == reason
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

    /// Returns whether the job starts now.
    private func lookAt(_ job: Job, _ inLine: inout LockTable) async throws(LedgerError) -> Bool {
        if job.state == .held {
            try await lookAtHeld(job)
            return false
        }
        // Before all else: what is stale is found when the freeze is over.
        if let freeze = freeze.value, changesSomething(job) {
            try await apply(job.id, .frozen(reason: freeze.words))
            return false
        }
        if !job.hasBegun, let (state, reason) = try await outdated(job) {
            try await apply(job.id, .outdated(state, reason: reason))
            return false
        }
        let obstacle = obstacle(job, inLine)
        inLine.take(job.locks, jobID: job.id, fencing: 0)
        if let obstacle {
            try await apply(job.id, .waits(reason: obstacle))
            return false
        }
        return try await apply(job.id, .started(fencing: numbers.nextFencing()))
    }

    private func lookAtVerifying() async throws(LedgerError) {
        for entry in entries.values where entry.job.state == .verifying {
            guard let verifyBy = entry.job.verifyBy, verifyBy <= time.now else { continue }
            let input: JobInput = await isProven(entry.job) ? .alertResolved : .effectMissing
            try await apply(entry.job.id, input)
        }
    }

    /// When the queue must be looked at again, if nothing else happens.
    func nextDue() -> Date? {
        let ofJobs = entries.values.compactMap { entry in
            switch entry.job.state {
            case .held: dueForLook(entry)
            case .queued: entry.job.hasBegun ? nil : entry.job.startBefore
            case .verifying: entry.job.verifyBy
            default: nil
            }
        }
        return (ofJobs + undecided.values).min()
    }

    /// Who waits behind another one, or is looked at just now, is not due by time.
    private func dueForLook(_ entry: Entry) -> Date? {
        if entry.isLookedAt { return nil }
        if let line = entry.job.wait?.line, first(inLine: line) != entry.job.id { return nil }
        return entry.job.heldUntil
    }

    /// Whether a step of it does more than look.
    private func changesSomething(_ job: Job) -> Bool {
        !job.isPlanOnly && entries[job.id]?.steps.contains { catalogue[$0.action]?.effect != .reads } == true
    }

    private func lookAtHeld(_ job: Job) async throws(LedgerError) {
        guard let heldUntil = job.heldUntil else {
            // A freeze holds it, which has no end that could be known.
            if freeze.value == nil { try await apply(job.id, .holdEnded) }
            return
        }
        guard heldUntil <= time.now else { return }
        if await alertIsResolved(job) {
            try await apply(job.id, .alertResolved)
        } else {
            try await apply(job.id, .holdEnded)
        }
    }

    /// Whether a job that could start still makes sense.
    private func outdated(_ job: Job) async throws(LedgerError) -> (JobState, String)? {
        let now = time.now
        let current = definitions.value
        if now >= job.startBefore {
            let waited = DurationText.human(job.startBefore.since(job.createdAt))
            return (.expired, "it waited \(waited) without getting its turn, which is its limit")
        }
        guard let command = current.commands[job.command] else {
            return (.cancelled, "the command '\(job.command)' is not defined any more")
        }
        switch job.requester {
        case .person(let id, let identity):
            guard let person = current.person(identity), person.id == id,
                command.roles.isEmpty || !person.roles.isDisjoint(with: command.roles)
            else { return (.denied, "\(id) may not run '\(job.command)' any more") }
        case .rule:
            if await alertIsResolved(job), job.guards.cancelOnResolve {
                return (.cancelled, "the alert resolved before the job began")
            }
            if let until = try await cooldownEnd(job), now < until {
                return (
                    .cancelled, "in cooldown until \(PersonTime.text(until)), since the last run for '\(job.guardKey)'"
                )
            }
        }
        return nil
    }

    /// Until when no other automatic run of this command and key may start.
    func cooldownEnd(_ job: Job) async throws(LedgerError) -> Date? {
        guard let cooldown = job.guards.cooldownMilliseconds else { return nil }
        return try await reader.lastAutomaticEnd(command: job.command, guardKey: job.guardKey)?
            .advanced(by: .milliseconds(cooldown))
    }

    private func obstacle(_ job: Job, _ inLine: LockTable) -> String? {
        if let lock = inLine.holder(inTheWayOf: job.locks, of: job.id) {
            let other = entries[lock.jobID].map { " (\($0.job.commandLine))" } ?? ""
            return "waits for job \(lock.jobID)\(other), which holds or is next for \(lock.request.path)"
        }
        if runningCount >= limits.concurrentJobs {
            return "waits for a free place: \(limits.concurrentJobs) jobs run already"
        }
        return nil
    }
}
