import Domain
import Foundation

/// The guard `limit`: a circuit breaker for each command and key. What it counts are the jobs that started, so a restart
/// forgets nothing.
extension JobBoard {
    func checkLimit(
        _ job: Job, _ limit: StartLimit, _ moment: GuardCheck.Moment, _ now: Date, _ check: inout GuardCheck
    ) async throws(LedgerError) {
        let known = breakers.breaker(command: job.command, key: job.guardKey)
        if let known, let openedAt = known.openedAt {
            return checkOpen(job, known, openedAt, moment, now, &check)
        }
        var since = now.advanced(by: .milliseconds(-limit.perMilliseconds))
        // What it closed after does not count.
        if case .closed(let at, _) = known?.state { since = max(since, at.advanced(by: .microseconds(1))) }
        let starts = try await reader.automaticStarts(command: job.command, guardKey: job.guardKey, since: since)
        let span = DurationText.human(.milliseconds(limit.perMilliseconds))
        guard starts >= limit.count else {
            check.pass(.limit, "\(starts) of \(limit.count) starts in \(span) for '\(job.guardKey)'")
            if moment == .start, let warnAt = limit.warnAt, starts + 1 == warnAt {
                check.atStart.writes += tell(warning(job, starts + 1, limit, span), "limit/job-\(job.id)", job, now)
            }
            return
        }
        let reason = "it has started by itself \(starts) times in \(span) for '\(job.guardKey)', which is its limit"
        check.refuse(.limit, reason)
        if check.onlyLooks { return }
        open(job, limit, reason, now, &check)
    }

    private func checkOpen(
        _ job: Job, _ breaker: Breaker, _ openedAt: Date, _ moment: GuardCheck.Moment, _ now: Date,
        _ check: inout GuardCheck
    ) {
        if case .halfOpen(let trial, _) = breaker.state, trial != job.id {
            return check.refuse(.limit, "its breaker is open; job \(trial) is trying whether it may close")
        }
        guard breaker.isTrial(job.id) || breaker.triesFrom.map({ $0 <= now }) ?? false else {
            return check.refuse(
                .limit,
                "its breaker is open since \(PersonTime.text(openedAt)); /defimon \(breaker.closing) closes it"
                    + (breaker.triesFrom.map { ", and one start is tried from \(PersonTime.text($0)) on" } ?? ""))
        }
        check.pass(.limit, "its breaker is open since \(PersonTime.text(openedAt)): one start is tried")
        if moment == .start { check.trialOf = breaker }
    }

    /// What is written when a job starts, also that it is the trial of a breaker. When it does not start after all, the
    /// breakers are to be read again.
    func changeAtStart(_ job: Job, _ check: GuardCheck, _ now: Date) -> LedgerChange {
        var change = check.change
        change.merge(check.atStart)
        if var breaker = check.trialOf, let openedAt = breaker.openedAt {
            breaker.state = .halfOpen(trial: job.id, openedAt: openedAt)
            write(breaker, "breaker.half-open", "defimon", now, ["job": .int(job.id)], &change)
        }
        return change
    }

    private func open(_ job: Job, _ limit: StartLimit, _ reason: String, _ now: Date, _ check: inout GuardCheck) {
        let breaker = Breaker(
            command: job.command, key: job.guardKey, state: .open(at: now),
            resetAfterMilliseconds: limit.resetAfterMilliseconds)
        guard write(breaker, "breaker.opened", "defimon", now, ["reason": .string(reason)], &check.change) else {
            return
        }
        check.change.writes += tell(opened(breaker, job, reason), "\(breaker.noteName)/\(now.microseconds)", job, now)
    }

    /// What is written when a job ends that was the trial of a breaker. Nothing for another job.
    func endOfTrial(_ job: Job, _ now: Date) -> LedgerChange {
        var change = LedgerChange()
        guard job.state.isFinal, var breaker = breakers.trial(job.id),
            case .halfOpen(_, let openedAt) = breaker.state
        else { return change }
        switch job.state {
        case .succeeded:
            breaker.state = .closed(at: now, by: "job/\(job.id)")
            write(breaker, "breaker.closed", "defimon", now, ["job": .int(job.id)], &change)
            let report = Report(
                mood: .success, title: "\(breaker.title) may start by itself again",
                blocks: [.text("Job \(job.id) was tried and did its work, so the breaker is closed.")])
            change.writes += tell(report, "\(breaker.noteName)/\(now.microseconds)", job, now)
        case .failed, .timedOut, .unknown:
            breaker.state = .open(at: now)
            let reason = "job \(job.id) was tried and ended as \(job.state.words)"
            write(breaker, "breaker.opened", "defimon", now, ["reason": .string(reason)], &change)
            change.writes += tell(opened(breaker, job, reason), "\(breaker.noteName)/\(now.microseconds)", job, now)
        default:
            // It did not come to show anything: the next one may try.
            breaker.state = .open(at: openedAt)
            write(breaker, "breaker.opened", "defimon", now, ["job": .int(job.id)], &change)
        }
        return change
    }

    /// A person lets it start again. What started before counts no more.
    func close(_ breaker: Breaker, by person: String) async throws(LedgerError) {
        var closed = breaker
        closed.state = .closed(at: time.now, by: person)
        var change = LedgerChange()
        write(closed, "breaker.closed", person, time.now, [:], &change)
        do { try await writer.commit(change) } catch {
            try await readBreakers()
            throw error
        }
        queueSignal.fire()
    }

    /// False when there is no room for one more.
    @discardableResult
    private func write(
        _ breaker: Breaker, _ kind: String, _ actor: String, _ now: Date, _ detail: [String: JSONValue],
        _ change: inout LedgerChange
    ) -> Bool {
        switch breakers.set(breaker) {
        case .full: return false
        case .set(let forgotten):
            if let forgotten { change.writes.append(.saveNote(forgotten.noteName, .null)) }
        }
        change.writes.append(.saveNote(breaker.noteName, breaker.json))
        var detail = detail
        detail["command"] = .string(breaker.command)
        detail["key"] = .string(breaker.key)
        change.audit.append(
            AuditEntry(time: now, actor: actor, kind: kind, subject: breaker.noteName, detail: .object(detail)))
        return true
    }

    private func tell(_ report: Report, _ subject: String, _ job: Job, _ now: Date) -> [LedgerWrite] {
        var seen: Set<Place> = []
        return (job.escalateTo + job.reportTo).filter { seen.insert($0).inserted }.map {
            .enqueue(OutboxMessage(place: $0, subject: subject, slot: .single, report: report, createdAt: now))
        }
    }

    private func opened(_ breaker: Breaker, _ job: Job, _ reason: String) -> Report {
        let later = breaker.triesFrom.map { "One start is tried from \(PersonTime.text($0)) on." }
        return Report(
            mood: .failure, title: "\(breaker.title) starts no more by itself",
            blocks: [
                .fields([.init("Why", reason), .init("Asked for by", job.requester.description)]),
                .text(
                    ["It does not seem to help: look what is wrong. People may still run it themselves.", later]
                        .compactMap { $0 }.joined(separator: " ")),
                .offers([.init(label: "Close the breaker", commandLine: breaker.closing)]),
            ])
    }

    private func warning(_ job: Job, _ starts: Int, _ limit: StartLimit, _ span: String) -> Report {
        Report(
            mood: .warning, title: "\(job.commandLine) starts by itself for the \(starts). time in \(span)",
            blocks: [
                .text(
                    "After \(limit.count) times the breaker opens, and it starts no more by itself. Look whether it helps."
                )
            ])
    }
}

extension Breaker {
    /// What it stands before, as the beginning of a sentence.
    var title: String { key == command || key.hasPrefix(command + " ") ? key : "\(command) for '\(key)'" }
}
