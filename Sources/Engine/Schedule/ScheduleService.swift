import Domain
import Foundation
import Logging

/// Asks for commands at the times that their definitions plan. Each planned time is an event of its own in the ledger,
/// whose unique key makes it happen once, also over restarts.
struct ScheduleService: Sendable {
    static let source = Source("schedule")
    /// The wall clock is looked at that often at least: it may be set while this sleeps.
    static let longestPause = Duration.seconds(60)
    /// Whoever comes later than that to a run has missed it.
    static let punctual = Duration.seconds(120)
    /// How often is looked whether a job has ended for whose end missed runs wait.
    static let backlogPause = Duration.seconds(5)

    var board: JobBoard
    var reader: any LedgerReader
    var writer: PatientWriter
    var numbers: any LedgerNumbers
    var limits: Limits
    var time: any TimeSource
    var newKey: @Sendable () -> String
    var outboxSignal: Signal
    var logger: Logger
    /// Fired when the definitions may have changed.
    let signal = Signal()

    func run() async {
        var done: [String: ScheduleMark] = [:]
        var isFirst = true
        while !Task.isCancelled {
            do {
                if isFirst { try await forgetOthers() }
                isFirst = false
                let looked = time.now
                let waits = try await askForWhatIsDue(&done)
                await pause(after: looked, hasBacklog: waits)
            } catch LedgerError.closed {
                return
            } catch {
                logger.error("a schedule cannot be written, trying again", metadata: ["error": "\(error)"])
                try? await time.sleep(for: .seconds(1))  // cancelled: the loop ends
            }
        }
    }

    /// `done` holds the latest planned time of each schedule that has been dealt with. Returns whether missed runs wait
    /// for the end of a job.
    private func askForWhatIsDue(_ done: inout [String: ScheduleMark]) async throws(LedgerError) -> Bool {
        let definitions = board.definitions.value
        var hasBacklog = false
        let schedules = ScheduleService.enabled(definitions)
        for schedule in schedules {
            guard let command = definitions.commands[schedule.run], let latest = schedule.due(at: time.now) else {
                continue
            }
            let planned = Planned(schedule: schedule, command: command, definitions: definitions)
            if schedule.missed == .all {
                if try await makeUp(planned, latest, &done) { hasBacklog = true }
            } else {
                try await askOnce(planned, latest, &done)
            }
        }
        let names = Set(schedules.map(\.name))
        try await forget(done.keys.filter { !names.contains($0) }, &done)
        return hasBacklog
    }

    /// Of a schedule that is taken away, or not enabled any more, nothing is missed: it begins anew when it comes again.
    private func forget(_ names: [String], _ done: inout [String: ScheduleMark]) async throws(LedgerError) {
        if names.isEmpty { return }
        try await writer.commit(LedgerChange(names.map { .saveNote(ScheduleMark.note($0), .null) }))
        for name in names { done[name] = nil }
    }

    /// The same for those that went while the bot was down.
    private func forgetOthers() async throws(LedgerError) {
        let names = Set(ScheduleService.enabled(board.definitions.value).map { ScheduleMark.note($0.name) })
        let others = try await reader.notes(under: ScheduleMark.beginning).map(\.name).filter { !names.contains($0) }
        if others.isEmpty { return }
        try await writer.commit(LedgerChange(others.map { .saveNote($0, .null) }))
    }

    /// A schedule, and the command that it asks for.
    private struct Planned {
        var schedule: ScheduleDefinition
        var command: CommandDefinition
        var definitions: DefinitionSet
    }

    private static func enabled(_ definitions: DefinitionSet) -> [ScheduleDefinition] {
        definitions.allSchedules.filter(\.isEnabled)
    }

    /// Waits for the first run that begins after `now`, when the schedules were looked at: one may have come due since.
    private func pause(after now: Date, hasBacklog: Bool) async {
        let next = ScheduleService.enabled(board.definitions.value).compactMap { $0.nextBegin(after: now) }.min()
        let longest = hasBacklog ? ScheduleService.backlogPause : ScheduleService.longestPause
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            if next != nil || hasBacklog {
                let wait = min(next?.since(time.now) ?? longest, longest)
                group.addTask { try? await time.sleep(for: wait) }  // cancelled: definitions came first
            }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: Which planned times

    /// Of planned times that were missed the latest alone, or none.
    private func askOnce(_ planned: Planned, _ latest: Date, _ done: inout [String: ScheduleMark])
        async throws(LedgerError)
    {
        let schedule = planned.schedule
        var earlier = done[schedule.name]
        if earlier == nil, schedule.isByCron { earlier = try await mark(schedule) }
        if schedule.isByCron, !(earlier?.isOf(schedule) ?? false) {
            try await begin(schedule, latest)
        } else if let earlier, latest <= earlier.planned {
            // An earlier time than before: the clock was set back, or the interval has grown. It goes on from there.
        } else {
            try await ask(planned, latest)
        }
        done[schedule.name] = ScheduleMark(schedule, planned: latest, decision: "")
    }

    /// A cron time that is new means nothing before it: what is added by day does not run last night's run.
    private func begin(_ schedule: ScheduleDefinition, _ latest: Date) async throws(LedgerError) {
        let mark = ScheduleMark(schedule, planned: latest, decision: "new: it begins with its next time")
        try await writer.commit(LedgerChange([mark.write(schedule.name)]))
    }

    /// Each planned time since the last one, oldest first. Returns whether some wait for the end of a job.
    private func makeUp(_ planned: Planned, _ latest: Date, _ done: inout [String: ScheduleMark])
        async throws(LedgerError) -> Bool
    {
        let schedule = planned.schedule
        var earlier = done[schedule.name]
        if earlier == nil { earlier = try await mark(schedule) }
        guard let earlier, earlier.isOf(schedule) else {
            try await schedule.isByCron ? begin(schedule, latest) : ask(planned, latest)
            done[schedule.name] = ScheduleMark(schedule, planned: latest, decision: "")
            return false
        }
        let (times, areMore) = schedule.planned(
            after: earlier.planned, through: latest, most: ScheduleDefinition.mostMadeUp)
        if times.isEmpty { done[schedule.name] = ScheduleMark(schedule, planned: latest, decision: "") }
        for (index, next) in times.enumerated() {
            // Its turn comes: what was missed is made up for one after the other.
            if schedule.overlap == .refuse, await board.openJob(ofSchedule: schedule) != nil { return true }
            try await ask(planned, next, leavesOut: index == 0 && areMore)
            done[schedule.name] = ScheduleMark(schedule, planned: next, decision: "")
        }
        return false
    }

    private func mark(_ schedule: ScheduleDefinition) async throws(LedgerError) -> ScheduleMark? {
        ScheduleMark(try await reader.note(ScheduleMark.note(schedule.name)))
    }

    // MARK: One planned time

    /// `leavesOut`: before it more were missed than are made up for.
    private func ask(_ planned: Planned, _ time: Date, leavesOut: Bool = false) async throws(LedgerError) {
        let (schedule, definitions) = (planned.schedule, planned.definitions)
        let contentKey = "\(schedule.name)/\(time.rfc3339)"
        let uniqueKey = "\(ScheduleService.source)/\(contentKey)"
        if try await reader.hasEvent(uniqueKey: uniqueKey) { return }
        let event = event(schedule, time, contentKey)
        let eventID = numbers.nextEventID()
        var outcome: Outcome
        if let restoredAt = await board.restorePoint?.at, time < restoredAt {
            // Whether it ran, the ledger does not know any more.
            outcome = Outcome(decision: "skipped: it was planned before the ledger was restored from a backup")
        } else if schedule.missed == .skip, self.time.now.since(schedule.begin(of: time)) > ScheduleService.punctual {
            let late = DurationText.human(self.time.now.since(schedule.begin(of: time)))
            outcome = Outcome(decision: "skipped: it was missed by \(late), and the schedule says missed: skip")
        } else {
            outcome = try await self.outcome(planned, event, eventID)
        }
        if leavesOut {
            let most = ScheduleDefinition.mostMadeUp
            outcome.decision += "; of the runs that were missed before it only the latest \(most) are made up for"
        }
        let mark = ScheduleMark(schedule, planned: time, decision: outcome.decision, job: outcome.made?.job.id)
        var change = LedgerChange(
            [
                .insertEvent(
                    id: eventID, deliveryRowID: 0, uniqueKey: uniqueKey, event: event,
                    explanation: ["decision": .string(outcome.decision)]), mark.write(schedule.name),
            ],
            audit: [
                AuditEntry(
                    time: self.time.now, actor: ScheduleService.source.rawValue, kind: "event.received",
                    subject: "event/\(eventID)",
                    detail: ["subject": .string(event.subject), "decision": .string(outcome.decision)])
            ])
        change.merge(outcome.change)
        if let problem = outcome.problem {
            change.writes += told(problem, schedule, event, eventID, definitions)
        } else if let made = outcome.made {
            change.merge(board.change(making: made, definitions))
        }
        do { try await writer.commit(change) } catch LedgerError.conflict(let what) {
            logger.notice("a planned time was taken already", metadata: ["what": "\(what)"])
            return
        }
        if let made = outcome.made { await board.add(made) } else { outboxSignal.fire() }
    }

    private func event(_ schedule: ScheduleDefinition, _ planned: Date, _ contentKey: String) -> Event {
        var attributes: [String: JSONValue] = [
            "schedule": .string(schedule.name), "command": .string(schedule.run),
            "planned": .string(planned.rfc3339), "when": .string(schedule.timing.description),
        ]
        if case .every(let every) = schedule.timing {
            attributes["every"] = .string(DurationText.canonical(every))
        }
        return Event(
            source: ScheduleService.source, kind: "schedule", contentKey: contentKey,
            subject: "\(schedule.name) \(schedule.timing), \(PersonTime.text(planned))", occurredAt: planned,
            attributes: .object(attributes), origin: .notice)
    }

    private struct Outcome {
        var decision: String
        var made: JobFactory.Made?
        /// What people must mend.
        var problem: String?
        /// What its guards write.
        var change = LedgerChange()
    }

    private func outcome(_ planned: Planned, _ event: Event, _ eventID: Int64) async throws(LedgerError) -> Outcome {
        let schedule = planned.schedule
        if schedule.overlap == .refuse, let open = await board.openJob(ofSchedule: schedule) {
            return Outcome(decision: "skipped: job \(open) of this schedule is still under way")
        }
        guard await board.openCount < limits.waitingJobs else {
            return Outcome(decision: "skipped: \(limits.waitingJobs) jobs wait already")
        }
        var made: JobFactory.Made
        switch make(planned, event, eventID) {
        case .success(let job): made = job
        case .failure(let problem):
            return Outcome(decision: "cannot run: \(problem.message)", problem: problem.message)
        }
        // Whether one of its own is still under way was looked at above.
        let check = try await board.checkAtDoor(made.job, firingSince: nil, [], mayOverlap: true)
        if case .refuses(let reason) = check.decision {
            return Outcome(decision: "skipped: \(reason)", change: check.change)
        }
        made.job.obey(check)
        made.number(numbers.nextJobID())
        return Outcome(decision: "job \(made.job.id)", made: made, change: check.change)
    }

    private func make(_ planned: Planned, _ event: Event, _ eventID: Int64) -> Result<
        JobFactory.Made, JobFactory.Unmakeable
    > {
        let (schedule, command, definitions) = (planned.schedule, planned.command, planned.definitions)
        do {
            let parsed = try command.arguments(from: schedule.with, .object(definitions.variables))
            var scope = definitions.variables
            scope["arguments"] = .object(parsed.arguments)
            scope["event"] = event.attributes
            let report = try schedule.report.map { try $0.place(.object(scope)) }
            let escalate = try schedule.escalate.map { try $0.place(.object(scope)) }
            let usual = command.report.isEmpty ? definitions.defaultReport : []
            var made = try JobFactory(definitions: definitions, newKey: newKey).make(
                command, parsed, requester: .rule(ScheduleDefinition.requester), eventID: eventID,
                variables: ["event": event.attributes, "subject": .string(event.subject)], guards: schedule.guards,
                now: time.now, reportTo: report.isEmpty ? usual : report, answerTo: nil, escalateTo: escalate)
            made.job.schedule = schedule.name
            return .success(made)
        } catch let error as CommandLine.Invalid {
            return .failure(JobFactory.Unmakeable(message: error.message))
        } catch let error as PlaceTemplate.Unusable {
            return .failure(JobFactory.Unmakeable(message: error.reason))
        } catch {
            return .failure((error as? JobFactory.Unmakeable) ?? JobFactory.Unmakeable(message: "\(error)"))
        }
    }

    private func told(
        _ problem: String, _ schedule: ScheduleDefinition, _ event: Event, _ eventID: Int64,
        _ definitions: DefinitionSet
    ) -> [LedgerWrite] {
        let report = Report(
            mood: .warning, title: "The schedule of '\(schedule.name)' could not run",
            blocks: [.fields([.init("Planned", event.subject), .init("Why", problem)])])
        return definitions.defaultReport.map {
            .enqueue(
                OutboxMessage(
                    place: $0, subject: "event/\(eventID)", slot: .single, report: report, createdAt: time.now))
        }
    }
}

extension ScheduleDefinition {
    fileprivate var isByCron: Bool { if case .cron = timing { true } else { false } }
}
