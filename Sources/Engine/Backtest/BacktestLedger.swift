import Domain
import Foundation
import Synchronization

/// The ledger of a backtest: in memory, empty but for what the real one held before the backtest's span.
final class BacktestLedger: LedgerWriter, LedgerNumbers, AlertDirectory {
    /// Numbers of jobs and events that are made up begin here, far from those of any ledger.
    static let firstNumber: Int64 = 1 << 40

    /// What guards count by.
    struct Key: Hashable {
        var command: String
        var guardKey: String

        init(_ job: Job) { (command, guardKey) = (job.command, job.guardKey) }
        init(command: String, guardKey: String) { (self.command, self.guardKey) = (command, guardKey) }
    }

    fileprivate struct History {
        var starts: [JobID: Date] = [:]
        var lastEnd: Date?
    }

    /// What was written since somebody asked last.
    struct News {
        /// New events with what the rule made of each.
        var events: [StoredEvent] = []
        /// Jobs in the order in which they were written.
        var jobs: [Job] = []
        var resends = 0
        var isUndecodable = false
    }

    fileprivate struct State {
        var delivery: StoredDelivery?
        var news = News()
        var episodes: [String: Episode] = [:]
        /// Of an alert's latest episode.
        var keys: [String: Set<String>] = [:]
        /// The name by which a group of alerts has its episodes.
        var groups: [AlertGroupReference: String] = [:]
        var open: [JobID: Job] = [:]
        var history: [Key: History] = [:]
        var next = BacktestLedger.firstNumber
        var commits = 0
    }

    let past: any LedgerPast
    /// Where the span begins, and the number of its first delivery.
    let from: Date
    let firstDelivery: Int64
    let source: Source
    private let state = Mutex(State())

    init(past: any LedgerPast, from: Date, firstDelivery: Int64, source: Source) {
        self.past = past
        self.from = from
        self.firstDelivery = firstDelivery
        self.source = source
    }

    // MARK: For the backtest

    /// How often something was written.
    var commits: Int { state.withLock { $0.commits } }

    /// The next delivery to be taken in.
    func put(_ delivery: StoredDelivery) { state.withLock { $0.delivery = delivery } }

    func takeNews() -> News {
        state.withLock { state in
            defer { state.news = News() }
            return state.news
        }
    }

    /// A job that runs by itself has begun then.
    func began(_ id: JobID, _ key: Key, at date: Date) {
        state.withLock { $0.history[key, default: History()].starts[id] = date }
    }

    /// A job that had begun and runs by itself has ended then.
    func ended(_ key: Key, at date: Date) {
        state.withLock { state in
            let last = state.history[key]?.lastEnd ?? date
            state.history[key, default: History()].lastEnd = max(last, date)
        }
    }

    // MARK: LedgerNumbers, AlertDirectory

    func nextJobID() -> JobID { next() }
    func nextEventID() -> Int64 { next() }
    func nextFencing() -> Int64 { next() }

    private func next() -> Int64 {
        state.withLock { state in
            state.next += 1
            return state.next
        }
    }

    /// As the deliveries told; the real bot asked Alertmanager.
    func isFiring(fingerprint: String) async throws -> Bool {
        let episode = try await episode(fingerprint: fingerprint)
        return episode.map { $0.resolvedAt == nil } ?? false
    }

    /// As the deliveries told. Throws when none of the span told of the group.
    func isFiring(group: AlertGroupReference) async throws -> Bool {
        guard let name = state.withLock({ $0.groups[group] }) else {
            throw LedgerError.unavailable("no delivery of the span told of this group")
        }
        return try await isFiring(fingerprint: name)
    }

    // MARK: LedgerWriter

    func commit(_ change: LedgerChange) async throws(LedgerError) {
        state.withLock { state in
            state.commits += 1
            for write in change.writes { state.apply(write) }
        }
    }

    // MARK: What was before

    /// Whether the event of this key was in the ledger before the delivery of that number.
    private func wasStored(_ key: String, before delivery: Int64) async throws(LedgerError) -> Bool {
        try await stored(key, before: delivery) != nil
    }

    private func stored(_ key: String, before delivery: Int64) async throws(LedgerError) -> StoredEvent? {
        guard let id = try await past.eventID(uniqueKey: key), let event = try await past.event(id: id),
            event.deliveryRowID < delivery
        else { return nil }
        return event
    }

    /// An alert's latest episode as it was when the span began.
    private func episodeBefore(_ fingerprint: String) async throws(LedgerError) -> Episode? {
        guard let latest = try await past.episode(fingerprint: fingerprint) else { return nil }
        func key(_ number: Int64, _ phase: AlertDesk.Phase) -> String {
            "\(source)/\(fingerprint)/\(number)/\(phase.rawValue)"
        }
        // The episodes before the span have the lower numbers.
        var (low, high): (Int64, Int64) = (0, latest.number)
        while low < high {
            let middle = low + (high - low + 1) / 2
            var isBefore = try await wasStored(key(middle, .firing), before: firstDelivery)
            if !isBefore { isBefore = try await wasStored(key(middle, .resolved), before: firstDelivery) }
            if isBefore { low = middle } else { high = middle - 1 }
        }
        guard low > 0 else { return nil }
        let firing = try await stored(key(low, .firing), before: firstDelivery)
        let resolved = try await stored(key(low, .resolved), before: firstDelivery)
        var episode = latest
        episode.number = low
        episode.lastSeenAt = from
        episode.resolvedAt = nil
        if case .alert(let alert) = firing?.event.origin { episode.startedAt = alert.startsAt }
        if case .alert(let alert) = resolved?.event.origin {
            if firing == nil { episode.startedAt = alert.startsAt }
            episode.resolvedAt = alert.endsAt ?? resolved?.event.occurredAt
        }
        return episode
    }
}

extension BacktestLedger.State {
    fileprivate mutating func apply(_ write: LedgerWrite) {
        switch write {
        case .finishDelivery(_, let state, _):
            delivery = nil
            if state == .undecodable { news.isUndecodable = true }
        case .insertEvent(let id, let row, let key, let event, let explanation):
            news.events.append(
                StoredEvent(id: id, deliveryRowID: row, event: event, repeats: 0, explanation: explanation))
            guard case .alert(let alert) = event.origin else { break }
            keys[alert.fingerprint, default: []].insert(key)
            if let group = alert.group { groups[group] = alert.fingerprint }
        case .countEvent: news.resends += 1
        case .saveEpisode(let episode):
            if let known = episodes[episode.fingerprint], known.number != episode.number {
                keys[episode.fingerprint] = nil
            }
            episodes[episode.fingerprint] = episode
        case .saveJob(let job): save(job)
        case .saveStep, .takeLocks, .releaseLocks, .enqueue, .saveOutbox, .saveNote, .keep, .forget: break
        }
    }

    private mutating func save(_ job: Job) {
        news.jobs.append(job)
        open[job.id] = job.state.isFinal ? nil : job
        guard job.requester.personID == nil, let started = job.startedAt else { return }
        let key = BacktestLedger.Key(job)
        var its = history[key] ?? BacktestLedger.History()
        its.starts[job.id] = its.starts[job.id] ?? started
        if let ended = job.endedAt { its.lastEnd = max(its.lastEnd ?? ended, ended) }
        history[key] = its
    }
}

// MARK: - LedgerReader

extension BacktestLedger: LedgerReader {
    func undecodedDeliveries(limit: Int) async throws(LedgerError) -> [StoredDelivery] {
        state.withLock { [$0.delivery].compactMap(\.self) }
    }

    /// Those that the ledger held when the delivery came.
    func storedEvents(among uniqueKeys: [String]) async throws(LedgerError) -> Set<String> {
        let delivery = state.withLock { $0.delivery?.rowID } ?? firstDelivery
        var stored: Set<String> = []
        for key in uniqueKeys where try await wasStored(key, before: delivery) { stored.insert(key) }
        return stored
    }

    func hasEvent(uniqueKey: String) async throws(LedgerError) -> Bool {
        // source/fingerprint/number/phase
        let fingerprint = uniqueKey.split(separator: "/").dropFirst().dropLast(2).joined(separator: "/")
        if state.withLock({ $0.keys[fingerprint]?.contains(uniqueKey) ?? false }) { return true }
        return try await wasStored(uniqueKey, before: firstDelivery)
    }

    func episode(fingerprint: String) async throws(LedgerError) -> Episode? {
        if let known = state.withLock({ $0.episodes[fingerprint] }) { return known }
        return try await episodeBefore(fingerprint)
    }

    func openJobs() async throws(LedgerError) -> [Job] { state.withLock { $0.open.values.sorted { $0.id < $1.id } } }
    func job(id: JobID) async throws(LedgerError) -> Job? { state.withLock { $0.open[id] } }

    func lastAutomaticEnd(command: String, guardKey: String) async throws(LedgerError) -> Date? {
        let key = Key(command: command, guardKey: guardKey)
        if let known = state.withLock({ $0.history[key]?.lastEnd }) { return known }
        return try await past.lastAutomaticEnd(command: command, guardKey: guardKey, before: from)
    }

    func automaticStarts(command: String, guardKey: String, since: Date) async throws(LedgerError) -> Int {
        let key = Key(command: command, guardKey: guardKey)
        let count = state.withLock { $0.history[key]?.starts.values.count { $0 >= since } ?? 0 }
        guard since < from else { return count }
        // Those of the span itself are counted above, as the backtest has them.
        let all = try await past.automaticStarts(command: command, guardKey: guardKey, since: since)
        return count + all - (try await past.automaticStarts(command: command, guardKey: guardKey, since: from))
    }

    // Nobody asks a backtest's ledger for the rest.
    func delivery(rowID: Int64) async throws(LedgerError) -> StoredDelivery? { nil }
    func hasDelivery(_ deliveryID: String, from source: Source) async throws(LedgerError) -> Bool { false }
    func deliveries(deliveryID: String) async throws(LedgerError) -> [StoredDelivery] { [] }
    func events(deliveryRowID: Int64) async throws(LedgerError) -> [StoredEvent] { [] }
    func eventID(uniqueKey: String) async throws(LedgerError) -> Int64? { nil }
    func event(id: Int64) async throws(LedgerError) -> StoredEvent? { nil }
    func events(limit: Int, before: Int64?) async throws(LedgerError) -> [StoredEvent] { [] }
    func jobs(_ filter: JobFilter) async throws(LedgerError) -> [Job] { [] }
    func steps(jobID: JobID) async throws(LedgerError) -> [Step] { [] }
    func heldLocks() async throws(LedgerError) -> [HeldLock] { [] }
    func runs(ofRule name: String, since: Date) async throws(LedgerError) -> RuleRuns { RuleRuns() }
    func dueOutbox(now: Date, limit: Int) async throws(LedgerError) -> [OutboxMessage] { [] }
    func nextOutboxDue() async throws(LedgerError) -> Date? { nil }
    func outbox(subject: String) async throws(LedgerError) -> [OutboxMessage] { [] }
    func deliveredCount(privatePlace: Place) async throws(LedgerError) -> Int { 0 }
    func messageReference(place: Place, subject: String) async throws(LedgerError) -> String? { nil }
    func note(_ name: String) async throws(LedgerError) -> JSONValue? { nil }
    func notes(under beginning: String) async throws(LedgerError) -> [(name: String, note: JSONValue)] { [] }
    func keptValue(_ key: String) async throws(LedgerError) -> KeptValue? { nil }
    func keptValues(under beginning: String, limit: Int) async throws(LedgerError) -> [KeptValue] { [] }
    func audit(_ filter: AuditFilter) async throws(LedgerError) -> [AuditRecord] { [] }
    func verifyAudit() async throws(LedgerError) -> AuditVerdict { .intact(records: 0) }
}
