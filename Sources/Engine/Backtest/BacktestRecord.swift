import Domain
import Foundation

/// What the ledger tells a backtest of how it really was: what the bot made of an event, how long its jobs took, and
/// what people did meanwhile.
struct BacktestRecord {
    /// Jobs by which is known how long a command takes.
    static let most = 100
    /// How long a job takes whose command never ran.
    static let usual = Duration.seconds(60)
    /// The newest records of each kind that are looked at.
    static let mostActs = 1000

    let past: any LedgerPast
    let rule: RuleDefinition
    private var durations: [String: Duration] = [:]
    private var latest: (delivery: Int64, events: [StoredEvent]) = (0, [])
    private(set) var words: [String: String] = [:]

    init(past: any LedgerPast, rule: RuleDefinition) {
        self.past = past
        self.rule = rule
    }

    // MARK: What the bot made of an event

    struct Seen {
        var event: StoredEvent
        /// Nil: the rule was not among those that were asked.
        var decision: String?
        var guards: [GuardVerdict]
        /// The job that the rule made of it.
        var job: Job?
    }

    /// The same event as the bot stored it, nil when it did not with this delivery.
    mutating func seen(_ event: Event, delivery: Int64) async throws(LedgerError) -> Seen? {
        // One delivery may hold a thousand.
        if latest.delivery != delivery { latest = (delivery, try await past.events(deliveryRowID: delivery)) }
        guard let stored = latest.events.first(where: { BacktestRecord.isSame($0.event, event) }) else { return nil }
        let considered = stored.explanation["rules"]?.arrayValue?.first { $0["rule"]?.stringValue == rule.name }
        let decision =
            considered.map { $0["decision"]?.stringValue ?? "did not match" }
            ?? stored.explanation["starts_nothing"]?.stringValue
        let guards = (considered?["guards"]?.arrayValue ?? []).compactMap(GuardVerdict.init(json:))
        let job = try await past.jobs(JobFilter(eventID: stored.id)).last {
            $0.requester == .rule(rule.name) && ($0.ladder?.rung ?? 1) == 1
        }
        return Seen(event: stored, decision: decision, guards: guards, job: job)
    }

    private static func isSame(_ one: Event, _ other: Event) -> Bool {
        if case .alert(let one) = one.origin, case .alert(let other) = other.origin {
            return one.fingerprint == other.fingerprint && one.isFiring == other.isFiring
        }
        return one.contentKey == other.contentKey && one.kind == other.kind
    }

    // MARK: How long jobs take

    /// When the last step of a job ended, nil when none did.
    func stepsEnd(_ id: JobID) async throws(LedgerError) -> Date? {
        try await past.steps(jobID: id).compactMap(\.endedAt).max()
    }

    /// How long the steps of a command take: the median of its newest jobs that began and ended.
    mutating func duration(of command: String) async throws(LedgerError) -> Duration {
        if let known = durations[command] { return known }
        let jobs = try await past.jobs(
            JobFilter(states: [.succeeded, .failed, .timedOut], command: command, limit: BacktestRecord.most))
        var taken: [Duration] = []
        for job in jobs where !job.isPlanOnly {
            guard let started = job.startedAt, let ended = try await stepsEnd(job.id) ?? job.endedAt else { continue }
            taken.append(ended.since(started))
        }
        taken.sort()
        let median = taken.isEmpty ? BacktestRecord.usual : taken[taken.count / 2]
        let human = DurationText.human(median)
        durations[command] = median
        words[command] =
            taken.isEmpty
            ? "a run of '\(command)' takes \(human): no job of it has ended yet, so that is a guess"
            : "a run of '\(command)' that the bot did not make takes \(human), the median of \(taken.count) "
                + (taken.count == 1 ? "job" : "jobs") + ", and succeeds"
        return median
    }

    // MARK: What people did

    /// What a person did to the bot, or the bot's breakers did before the span.
    enum Act {
        case freeze(Freeze)
        case thaw(pool: String?)
        case maintenance(Maintenance)
        case maintenanceEnd(pool: String)
        case breaker(Breaker)
        case breakerClosed(note: String, by: String)
    }

    /// All of them before `until`, oldest first, those before `from` too; of breakers, what they did by themselves before
    /// `from`, and what people did after it. Says what could not be known.
    func acts(from: Date, until: Date, _ guards: Guards) async throws(LedgerError) -> (
        acts: [(at: Date, act: Act)], unknown: [String]
    ) {
        var records: [AuditRecord] = []
        var unknown: [String] = []
        let kinds = [
            "bot.frozen", "bot.thawed", "maintenance.began", "maintenance.ended", "breaker.opened",
            "breaker.half-open", "breaker.closed",
        ]
        for kind in kinds {
            let found = try await past.audit(AuditFilter(kind: kind, until: until, limit: BacktestRecord.mostActs))
            if found.count == BacktestRecord.mostActs, let oldest = found.last, oldest.time > from {
                unknown.append("of '\(kind)' in the audit only the newest \(found.count) records were looked at")
            }
            records += found
        }
        var acts: [(at: Date, act: Act)] = []
        for record in records.sorted(by: { $0.sequence < $1.sequence }) {
            if record.kind == "maintenance.began", record.detail["until"] == nil, record.time > from {
                unknown.append(
                    "the maintenance of \(PersonTime.text(record.time)) is left out: its end is not in the audit")
            }
            if let act = act(record, from, guards) { acts.append((record.time, act)) }
        }
        return (acts, unknown)
    }

    private func act(_ record: AuditRecord, _ from: Date, _ guards: Guards) -> Act? {
        let reason = record.detail["reason"]?.stringValue ?? ""
        let pool = record.subject.hasPrefix("pool/") ? String(record.subject.dropFirst(5)) : nil
        switch record.kind {
        case "bot.frozen": return .freeze(Freeze(by: record.actor, at: record.time, reason: reason, pool: pool))
        case "bot.thawed": return .thaw(pool: pool)
        case "maintenance.began":
            guard let pool, let until = record.detail["until"]?.stringValue.flatMap({ Date(rfc3339: $0) }) else {
                return nil
            }
            return .maintenance(
                Maintenance(pool: pool, by: record.actor, from: record.time, until: until, reason: reason))
        case "maintenance.ended": return pool.map { .maintenanceEnd(pool: $0) }
        case "breaker.opened", "breaker.half-open":
            guard record.time < from, let breaker = breaker(record, .open(at: record.time), guards) else { return nil }
            return .breaker(breaker)
        case "breaker.closed" where record.time < from:
            return breaker(record, .closed(at: record.time, by: record.actor), guards).map { .breaker($0) }
        // Those of trials follow from the backtest's own runs.
        case "breaker.closed" where record.actor != "defimon":
            return .breakerClosed(note: record.subject, by: record.actor)
        default: return nil
        }
    }

    private func breaker(_ record: AuditRecord, _ state: Breaker.State, _ guards: Guards) -> Breaker? {
        guard let command = record.detail["command"]?.stringValue, let key = record.detail["key"]?.stringValue else {
            return nil
        }
        return Breaker(
            command: command, key: key, state: state, resetAfterMilliseconds: guards.limit?.resetAfterMilliseconds)
    }
}
