import Domain
import Foundation

/// Takes down what a backtest decides, what became of it, and how it compares with what the bot did.
struct BacktestTally {
    private let mostShown: Int
    var summary: BacktestSummary
    /// Decisions whose outcome is not known yet, and the latest of the others, by number.
    private var open: [Int: BacktestDecision] = [:]
    private var done: [Int: BacktestDecision] = [:]
    private var next = 0
    private var namedRuns = 0
    /// What made-up jobs are called.
    private var names: [JobID: String] = [:]

    init(_ test: Backtest) {
        mostShown = test.mostShown
        summary = BacktestSummary(
            rule: test.rule.name, source: test.rule.source.rawValue, from: test.from, until: test.until)
    }

    var result: BacktestResult {
        let all = done.merging(open) { done, _ in done }.sorted { $0.key < $1.key }.map(\.value)
        var summary = summary
        summary.notShown = next - min(all.count, mostShown)
        return BacktestResult(decisions: Array(all.suffix(mostShown)), summary: summary)
    }

    mutating func assume(_ words: String) {
        if !summary.assumptions.contains(words) { summary.assumptions.append(words) }
    }

    // MARK: Decisions

    /// A new event that the rule matched. Returns the decision's number.
    mutating func add(
        _ event: StoredEvent, _ considered: JSONValue, _ words: String, _ job: Job?, twin: Job?, key: String,
        delivery: Int64, at: Date
    ) -> Int {
        summary.matched += 1
        let guards = (considered["guards"]?.arrayValue ?? []).compactMap(GuardVerdict.init(json:))
        var decision = BacktestDecision(
            at: at, delivery: delivery, subject: event.event.subject, key: key,
            commandLine: job?.commandLine ?? considered["outcome"]?["runs"]?["commandLine"]?.stringValue ?? "",
            kind: .refuse, decision: relabelled(words), guards: guards.map(relabelled))
        if let job {
            begin(&decision, job, twin)
        } else {
            if words.hasPrefix("cannot run") || words.hasPrefix("there is no command") { decision.kind = .problem }
            summary.keptBy[
                decision.stopper ?? (decision.kind == .problem ? "cannot run" : "too many wait"), default: 0] += 1
        }
        return keep(decision)
    }

    /// A remedy that follows another. Returns the decision's number.
    mutating func add(remedy job: Job, after earlier: Int, twin: Job?, at: Date) -> Int {
        let before = open[earlier] ?? done[earlier]
        var decision = BacktestDecision(
            at: at, delivery: before?.delivery ?? 0,
            subject: "\(job.ladder?.words ?? "the next remedy") after \(before?.run ?? "the one before")",
            key: job.guardKey, commandLine: job.commandLine, kind: .run, decision: "",
            guards: (job.verdicts ?? []).map(relabelled))
        begin(&decision, job, twin)
        return keep(decision)
    }

    private mutating func begin(_ decision: inout BacktestDecision, _ job: Job, _ twin: Job?) {
        if twin == nil { namedRuns += 1 }
        let name = twin.map { "job \($0.id)" } ?? "run \(namedRuns)"
        names[job.id] = name
        decision.run = name
        decision.decision = name
        switch job.state {
        case .held:
            decision.kind = .hold
            if let by = job.heldBy { summary.heldBy[by, default: 0] += 1 }
        case .waitingApproval, .waitingConfirmation: decision.kind = .ask
        default: decision.kind = .run
        }
    }

    private mutating func keep(_ decision: BacktestDecision) -> Int {
        next += 1
        open[next] = decision
        done[next - mostShown] = nil
        return next
    }

    /// Nothing more becomes of it.
    private mutating func finish(_ number: Int) {
        guard let decision = open.removeValue(forKey: number) else { return }
        switch decision.actual?.isSame {
        case true?: summary.same += 1
        case false?: summary.different += 1
        case nil: summary.notCompared += 1
        }
        if number > next - mostShown { done[number] = decision }
    }

    // MARK: What becomes of a run

    mutating func follow(_ number: Int, _ job: Job) {
        guard var decision = open[number] else { return }
        defer { open[number] = decision }
        if let started = job.startedAt, decision.beganAt == nil {
            decision.beganAt = started
            decision.startGuards = (job.verdicts ?? []).map(relabelled)
        }
        let reason = job.reason.map(relabelled)
        switch job.state {
        case .held where job.version > 1, .queued:
            guard !job.hasBegun, let reason, decision.later.last != reason, decision.later.count < 20 else { break }
            decision.later.append(reason)
            summary.heldBy[job.heldBy ?? BacktestTally.obstacle(reason), default: 0] += 1
        case let state where state.isFinal:
            decision.endedAt = job.endedAt
            decision.endState = state
            decision.endReason = reason
            if job.startedAt == nil { summary.keptBy[BacktestTally.end(state, reason ?? ""), default: 0] += 1 }
        default: break
        }
    }

    /// By what a run waits that no guard holds until a time.
    private static func obstacle(_ reason: String) -> String {
        if reason.hasPrefix("waits while ") { return GuardCheck.Name.holdWhile.rawValue }
        if reason.contains("at most") { return GuardCheck.Name.atMost.rawValue }
        if reason.contains("frozen by") { return "a freeze" }
        return reason.hasPrefix("waits for a free place") ? "a free place" : "locks"
    }

    /// Why one never began.
    private static func end(_ state: JobState, _ reason: String) -> String {
        if reason.contains("alert") { return "the alert's end" }
        if reason.hasPrefix("in cooldown") { return GuardCheck.Name.cooldown.rawValue }
        if reason.contains("breaker") || reason.contains("its limit") && state == .cancelled {
            return GuardCheck.Name.limit.rawValue
        }
        return state == .expired ? "start_within" : state.words
    }

    /// People would have been asked; `allowed` is the bot's own job, when they allowed it.
    mutating func ask(_ number: Int, _ job: Job, allowed: Job?) {
        guard var decision = open[number] else { return }
        defer { open[number] = decision }
        let why = (job.asks ?? []).map(relabelled)
        decision.later.append(
            "people would be asked"
                + (why.isEmpty ? ": its command needs an approval" : ": " + why.joined(separator: "; ")))
        guard let allowed else {
            decision.endReason = "what people would have said is not known: it counts as not run"
            summary.keptBy["people asked", default: 0] += 1
            return
        }
        decision.later.append("the bot's job \(allowed.id) was allowed: it counts as it was")
        decision.beganAt = allowed.startedAt
        decision.endedAt = allowed.endedAt
        decision.endState = allowed.state.isFinal ? allowed.state : nil
        decision.endReason = allowed.reason
    }

    // MARK: What the bot did

    /// Compares a decision with the bot's at the same event. `isLookedAt`: the bot has looked at the delivery.
    mutating func compare(_ number: Int, _ seen: BacktestRecord.Seen?, isLookedAt: Bool) {
        guard var decision = open[number] else { return }
        var actual = BacktestDecision.Actual(
            event: seen?.event.id, decision: seen?.decision, job: seen?.job?.id, isSame: nil, words: "")
        if let seen, let theirs = seen.decision {
            actual.isSame = BacktestTally.isSame(decision, seen, theirs)
            actual.words =
                switch actual.isSame {
                case true? where seen.job != nil: "the same: job \(seen.job?.id ?? 0)"
                case true?: theirs == decision.decision ? "the same" : "the same: \(theirs)"
                case false?: "otherwise: \(theirs)"
                case nil: "started nothing: \(theirs)"
                }
        } else {
            actual.words =
                !isLookedAt
                ? "has not looked at this delivery yet"
                : seen == nil ? "took it for a resend of what it knew" : "had no such rule then"
        }
        decision.actual = actual
        open[number] = decision
        if decision.run == nil { finish(number) }
    }

    private static func isSame(_ mine: BacktestDecision, _ seen: BacktestRecord.Seen, _ theirs: String) -> Bool? {
        if seen.event.explanation["starts_nothing"] != nil { return nil }
        if let job = seen.job { return mine.run != nil && job.commandLine == mine.commandLine }
        if theirs.hasPrefix("observes only: ") {
            let would = theirs.dropFirst("observes only: ".count)
            switch mine.kind {
            case .run: return would.hasPrefix("would run ")
            case .hold: return would.hasPrefix("would hold ")
            case .ask: return would.hasPrefix("would ask ")
            case .refuse: return would.hasPrefix("would not run ")
            case .problem: return false
            }
        }
        switch mine.kind {
        case .run, .hold, .ask: return false
        case .problem: return theirs == mine.decision
        case .refuse:
            return seen.guards.stopper == mine.stopper && theirs != "did not match"
        }
    }

    /// Compares with the bot's next remedy.
    mutating func compare(_ number: Int, remedyAfter before: Job?, _ twin: Job?) {
        guard let before else { return }
        let words = twin.map { "the same: job \($0.id)" } ?? "otherwise: no such remedy followed job \(before.id)"
        open[number]?.actual = BacktestDecision.Actual(
            event: nil, decision: nil, job: twin?.id, isSame: twin != nil, words: words)
    }

    /// What became of a run is known, or nothing more will be: whether the bot's own job began as well.
    mutating func settle(_ run: BacktestRun.Run, isOver: Bool) {
        let number = run.decision
        if let twin = run.twin, open[number]?.actual?.isSame == true {
            let hasBegun = twin.startedAt != nil
            if isOver || run.hasBegun, hasBegun || twin.state.isFinal, hasBegun != run.hasBegun {
                open[number]?.actual?.isSame = false
                open[number]?.actual?.words =
                    hasBegun
                    ? "otherwise: job \(twin.id) began" : "otherwise: job \(twin.id) never began: \(twin.reason ?? "")"
            } else if twin.state.isFinal {
                open[number]?.actual?.words += ", " + (hasBegun ? "" : "never began, ") + twin.state.words
            }
        }
        finish(number)
    }

    // MARK: Names of runs

    /// With the names of runs for the numbers of made-up jobs.
    private func relabelled(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let found = rest.range(of: "job ") {
            result += rest[..<found.lowerBound]
            let digits = rest[found.upperBound...].prefix { $0.isASCII && $0.isNumber }
            let name = JobID(digits).flatMap { names[$0] }
            result += name ?? "job \(digits)"
            rest = rest[digits.endIndex...]
        }
        return result + rest
    }

    private func relabelled(_ verdict: GuardVerdict) -> GuardVerdict {
        GuardVerdict(verdict.guardName, verdict.outcome, relabelled(verdict.says))
    }
}

extension GuardVerdict {
    /// Reads what `json` wrote; nil for anything else.
    init?(json: JSONValue) {
        guard let name = json["guard"]?.stringValue, let says = json["says"]?.stringValue,
            let outcome = json["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:))
        else { return nil }
        self.init(name, outcome, says)
    }
}
