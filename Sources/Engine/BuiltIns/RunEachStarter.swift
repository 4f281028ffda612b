import Domain
import Foundation

/// Starts jobs for steps of jobs, with the roles and the limits that a typed command has.
struct RunEachStarter: JobStarter {
    static let source = Source("job")

    var board: JobBoard
    var reader: any LedgerReader
    var writer: PatientWriter
    var numbers: any LedgerNumbers
    var limits: Limits
    var time: any TimeSource
    var newKey: @Sendable () -> String

    func commandLine(of start: JobStart, for jobID: JobID) async throws(ActionError) -> String {
        let (command, parsed) = try allowed(start, try await asking(jobID), board.definitions.value)
        return CommandLine.text(of: command, parsed)
    }

    func start(_ start: JobStart, for jobID: JobID, key: String) async throws(ActionError) -> JobID {
        let asking = try await asking(jobID)
        let definitions = board.definitions.value
        let (command, parsed) = try allowed(start, asking, definitions)
        let uniqueKey = "\(RunEachStarter.source)/\(jobID)/\(key)"
        if let earlier = try await earlier(uniqueKey) { return earlier }
        guard await board.openCount < limits.waitingJobs else {
            throw ActionError("\(limits.waitingJobs) jobs wait already", retry: .later(afterMilliseconds: nil))
        }
        let eventID = numbers.nextEventID()
        var made: JobFactory.Made
        do throws(JobFactory.Unmakeable) {
            made = try JobFactory(definitions: definitions, newKey: newKey).make(
                command, parsed, requester: asking.requester, eventID: eventID, now: time.now,
                reportTo: asking.reportTo, answerTo: nil)
        } catch {
            throw ActionError(error.message)
        }
        // Its step was asked for by the person once, which is enough.
        made.job.approval?.asksForConfirmation = false
        made.number(numbers.nextJobID())
        var change = LedgerChange([event(asking, made.job, eventID, uniqueKey)])
        change.merge(board.change(making: made, definitions))
        do { try await writer.commit(change) } catch {
            // Another try of the same step was faster: its job is the one.
            if let earlier = try await earlier(uniqueKey) { return earlier }
            throw unavailable(error)
        }
        await board.add(made)
        return made.job.id
    }

    /// The job whose step asks. One that was started so itself may start no others: that would have no end.
    private func asking(_ jobID: JobID) async throws(ActionError) -> Job {
        guard let job = await board.entry(jobID)?.job else { throw ActionError("job \(jobID) is not under way") }
        guard let eventID = job.eventID else { return job }
        let event: StoredEvent?
        do { event = try await reader.event(id: eventID) } catch { throw unavailable(error) }
        guard event?.event.source != RunEachStarter.source else {
            throw ActionError("job \(jobID) was itself started by a job, and such a one may start no others")
        }
        return job
    }

    private func allowed(_ start: JobStart, _ asking: Job, _ definitions: DefinitionSet) throws(ActionError) -> (
        CommandDefinition, CommandLine.Parsed
    ) {
        guard let command = definitions.commands[start.command] else {
            throw ActionError("there is no command '\(start.command)'")
        }
        if case .person(let id, let identity) = asking.requester {
            guard let person = definitions.person(identity), person.id == id else {
                throw ActionError("\(id) may not run '\(command.name)': \(identity) is not theirs any more")
            }
            let authorization = Authorization(definitions)
            try throwRefusal(authorization.answer(person, command), id, command)
            let parsed = try parsed(start, command)
            try throwRefusal(authorization.answer(person, command, like(asking, command, parsed)), id, command)
            return (command, parsed)
        }
        return (command, try parsed(start, command))
    }

    private func parsed(_ start: JobStart, _ command: CommandDefinition) throws(ActionError) -> CommandLine.Parsed {
        let words = start.arguments.sorted { $0.key < $1.key }.map { "--\($0.key)=\(writer.redactor.redact($0.value))" }
        do throws(CommandLine.Invalid) { return try CommandLine.parse(words, for: command) } catch {
            throw ActionError(error.message)
        }
    }

    private func throwRefusal(_ answer: Authorization.Answer, _ id: String, _ command: CommandDefinition)
        throws(ActionError)
    {
        guard case .refused(let reason, _) = answer else { return }
        throw ActionError("\(id) may not run '\(command.name)': \(reason)")
    }

    /// The job that would be started, as far as it must be known to say whether it may be.
    private func like(_ asking: Job, _ command: CommandDefinition, _ parsed: CommandLine.Parsed) -> Job {
        Job(
            id: 0, command: command.name, definitionsHash: asking.definitionsHash, arguments: parsed.arguments,
            commandLine: CommandLine.text(of: command, parsed), requester: asking.requester, eventID: nil,
            isPlanOnly: false, locks: [], state: .queued, createdAt: time.now, startBefore: time.now,
            timeoutMilliseconds: 0, reportTo: [], answerTo: nil)
    }

    /// The job that an earlier try started under this key.
    private func earlier(_ uniqueKey: String) async throws(ActionError) -> JobID? {
        do throws(LedgerError) {
            guard let eventID = try await reader.eventID(uniqueKey: uniqueKey) else { return nil }
            return try await reader.jobs(JobFilter(eventID: eventID, limit: 1)).first?.id
        } catch {
            throw unavailable(error)
        }
    }

    private func unavailable(_ error: LedgerError) -> ActionError {
        ActionError("the ledger cannot be reached just now: \(error)", retry: .later(afterMilliseconds: nil))
    }

    private func event(_ asking: Job, _ job: Job, _ eventID: Int64, _ uniqueKey: String) -> LedgerWrite {
        .insertEvent(
            id: eventID, deliveryRowID: 0, uniqueKey: uniqueKey,
            event: Event(
                source: RunEachStarter.source, kind: "command", contentKey: uniqueKey,
                subject: "job \(asking.id) (\(asking.commandLine))", occurredAt: time.now,
                attributes: ["job": .int(asking.id)], origin: .notice),
            explanation: ["request": .string(job.commandLine), "decision": .string("job \(job.id)")])
    }
}
