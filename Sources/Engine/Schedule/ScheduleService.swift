import Domain
import Foundation
import Logging

/// Asks for commands at the times that their definitions plan. Each planned time is an event of its own in the ledger,
/// whose unique key makes it happen once, also over restarts.
struct ScheduleService: Sendable {
    static let source = Source("schedule")
    /// The wall clock is looked at that often at least: it may be set while this sleeps.
    static let longestPause = Duration.seconds(60)

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
        var done: [String: Date] = [:]
        while !Task.isCancelled {
            do {
                try await askForWhatIsDue(&done)
                await pause()
            } catch LedgerError.closed {
                return
            } catch {
                logger.error("a schedule cannot be written, trying again", metadata: ["error": "\(error)"])
                try? await time.sleep(for: .seconds(1))  // cancelled: the loop ends
            }
        }
    }

    /// `done` holds the latest planned time of each command that has been dealt with.
    private func askForWhatIsDue(_ done: inout [String: Date]) async throws(LedgerError) {
        let definitions = board.definitions.value
        for command in ScheduleService.scheduled(definitions) {
            guard let schedule = command.schedule else { continue }
            let planned = schedule.planned(at: time.now)
            let earlier = done[command.name]
            done[command.name] = planned
            // An earlier time than before: the clock was set back, or the interval has grown. It goes on from there.
            if let earlier, planned <= earlier { continue }
            try await ask(for: command, schedule, planned, definitions)
        }
        done = done.filter { definitions.commands[$0.key]?.schedule != nil }
    }

    private static func scheduled(_ definitions: DefinitionSet) -> [CommandDefinition] {
        definitions.commands.values.filter { $0.schedule != nil }.sorted { $0.name < $1.name }
    }

    private func pause() async {
        let now = time.now
        let next = ScheduleService.scheduled(board.definitions.value).compactMap { $0.schedule?.next(after: now) }.min()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            if let next {
                let wait = min(max(next.since(now), .milliseconds(20)), ScheduleService.longestPause)
                group.addTask { try? await time.sleep(for: wait) }  // cancelled: definitions came first
            }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: One planned time

    private func ask(
        for command: CommandDefinition, _ schedule: ScheduleDefinition, _ planned: Date, _ definitions: DefinitionSet
    ) async throws(LedgerError) {
        let contentKey = "\(command.name)/\(planned.rfc3339)"
        let uniqueKey = "\(ScheduleService.source)/\(contentKey)"
        if try await reader.hasEvent(uniqueKey: uniqueKey) { return }
        let event = Event(
            source: ScheduleService.source, kind: "schedule", contentKey: contentKey,
            subject: "\(command.name) every \(DurationText.canonical(schedule.every)), \(PersonTime.text(planned))",
            occurredAt: planned,
            attributes: [
                "command": .string(command.name), "planned": .string(planned.rfc3339),
                "every": .string(DurationText.canonical(schedule.every)),
            ], origin: .notice)
        let eventID = numbers.nextEventID()
        let outcome: Outcome
        if let restoredAt = await board.restorePoint?.at, planned < restoredAt {
            // Whether it ran, the ledger does not know any more.
            outcome = Outcome(decision: "skipped: it was planned before the ledger was restored from a backup")
        } else {
            outcome = await self.outcome(command, schedule, event, eventID, definitions)
        }
        var change = LedgerChange(
            [
                .insertEvent(
                    id: eventID, deliveryRowID: 0, uniqueKey: uniqueKey, event: event,
                    explanation: ["decision": .string(outcome.decision)])
            ],
            audit: [
                AuditEntry(
                    time: time.now, actor: ScheduleService.source.rawValue, kind: "event.received",
                    subject: "event/\(eventID)",
                    detail: ["subject": .string(event.subject), "decision": .string(outcome.decision)])
            ])
        if let problem = outcome.problem {
            change.writes += told(problem, command, event, eventID, definitions)
        } else if let made = outcome.made {
            change.merge(board.change(making: made, definitions))
        }
        do { try await writer.commit(change) } catch LedgerError.conflict(let what) {
            logger.notice("a planned time was taken already", metadata: ["what": "\(what)"])
            return
        }
        if let made = outcome.made { await board.add(made) } else { outboxSignal.fire() }
    }

    private struct Outcome {
        var decision: String
        var made: JobFactory.Made?
        /// What people must mend.
        var problem: String?
    }

    private func outcome(
        _ command: CommandDefinition, _ schedule: ScheduleDefinition, _ event: Event, _ eventID: Int64,
        _ definitions: DefinitionSet
    ) async -> Outcome {
        let requester = Requester.rule(ScheduleDefinition.requester)
        if let open = await board.openJob(command: command.name, requester: requester) {
            return Outcome(decision: "skipped: job \(open) of this schedule is still under way")
        }
        guard await board.openCount < limits.waitingJobs else {
            return Outcome(decision: "skipped: \(limits.waitingJobs) jobs wait already")
        }
        let problem: String
        do {
            let parsed = try command.arguments(from: schedule.with, .object(definitions.variables))
            var made = try JobFactory(definitions: definitions, newKey: newKey).make(
                command, parsed, requester: requester, eventID: eventID,
                variables: ["event": event.attributes, "subject": .string(event.subject)], now: time.now,
                reportTo: command.report.isEmpty ? definitions.defaultReport : [], answerTo: nil)
            made.number(numbers.nextJobID())
            return Outcome(decision: "job \(made.job.id)", made: made)
        } catch let error as CommandLine.Invalid {
            problem = error.message
        } catch let error as JobFactory.Unmakeable {
            problem = error.message
        } catch {
            problem = "\(error)"
        }
        return Outcome(decision: "cannot run: \(problem)", problem: problem)
    }

    private func told(
        _ problem: String, _ command: CommandDefinition, _ event: Event, _ eventID: Int64, _ definitions: DefinitionSet
    ) -> [LedgerWrite] {
        let report = Report(
            mood: .warning, title: "The schedule of '\(command.name)' could not run",
            blocks: [.fields([.init("Planned", event.subject), .init("Why", problem)])])
        return definitions.defaultReport.map {
            .enqueue(
                OutboxMessage(
                    place: $0, subject: "event/\(eventID)", slot: .single, report: report, createdAt: time.now))
        }
    }
}
