import Domain
import Foundation
import Logging

/// Answers people: finds who asks, what they ask for, and whether they may.
struct RequestDesk: Sendable {
    /// An answer that takes longer than the intake may wait.
    struct Work: Sendable {
        var builtIn: BuiltIn
        var words: [String]
        var person: Person
        var request: CommandRequest
        /// The same for the same asking, also after a restart.
        var key: String

        /// Whether it does more than look.
        var changesSomething: Bool {
            switch builtIn {
            case .cancel, .retry, .unlock, .approve, .deny, .confirm, .freeze, .thaw: true
            case .job: words.count > 1
            case .ack: !words.isEmpty
            case .maintenance, .breaker: !words.isEmpty
            case .help, .jobs, .status, .whoami, .explain, .schedules, .rules, .overrides: false
            }
        }
    }

    /// What a request comes to, before anything is written.
    enum Answer {
        case say(Report, isAccepted: Bool)
        case job(JobFactory.Made)
        case later(BuiltIn, [String], Person)
        /// Nothing is said: a stranger asked where everybody reads along.
        case silence
    }

    var board: JobBoard
    var numbers: any LedgerNumbers
    var limits: Limits
    var time: any TimeSource
    var newKey: @Sendable () -> String
    var outboxSignal: Signal
    var refusals: RefusalLog
    var meter: RequestMeter
    /// Takes longer answers; returns at once: false when too many wait already.
    var hand: @Sendable (Work) -> Bool

    /// A request that came in by a delivery.
    func take(_ request: CommandRequest, _ event: Event, eventID: Int64, key: String, now: Date) async -> EventOutcome {
        let definitions = board.definitions.value
        let (answer, audit) = await answer(
            request, eventID: eventID, asked: min(event.occurredAt, now), now: now, definitions)
        var outcome = EventOutcome(explanation: ["request": .string(request.text)])
        outcome.change.audit = audit
        switch answer {
        case .say(let report, let isAccepted):
            outcome.explanation = [
                "request": .string(request.text), "answer": .string(report.plainText), "accepted": .bool(isAccepted),
            ]
            outcome.change.merge(
                saying(board.freeze.noticed(report), to: request, subject: "event/\(eventID)", now))
        case .job(let made):
            outcome.explanation = ["request": .string(request.text), "decision": .string("job \(made.job.id)")]
            outcome.made = [made]
            outcome.change.merge(board.change(making: made, definitions))
        case .later(let builtIn, let words, let person):
            var work = Work(builtIn: builtIn, words: words, person: person, request: request, key: key)
            if !work.changesSomething {
                // One delivery may ask for several.
                work.key += "-\(eventID)"
                outcome.change.writes.append(PromisedAnswer(request).made(work.key))
            }
            outcome.work = [work]
        case .silence:
            outcome.explanation = [
                "request": .string(request.text),
                "decision": .string(
                    "no answer: "
                        + (definitions.person(request.identity) == nil
                            ? "a stranger asked in public" : "a person who was told already asked too often")),
                "accepted": false,
            ]
        }
        return outcome
    }

    /// Puts an answer into the outbox: to the person alone where that is possible.
    func saying(_ report: Report, to request: CommandRequest, subject: String, _ now: Date) -> LedgerChange {
        let places = [report.form == nil ? nil : request.formTo, request.answerTo, request.reportTo].compactMap(\.self)
        guard let first = places.first else { return LedgerChange() }
        return LedgerChange([
            .enqueue(
                OutboxMessage(
                    place: first, subject: subject, slot: .single, report: report, createdAt: now,
                    fallbacks: Array(places.dropFirst())))
        ])
    }

    /// Hands over answers that take longer. Returns what is to be said of those for which there is no room.
    func hand(_ works: [Work], _ now: Date) -> LedgerChange {
        var change = LedgerChange()
        for work in works where !hand(work) {
            let busy = Refusals.bad(
                "Busy: \(PromisedAnswer.most) answers wait already, so `\(work.request.shownText)` was not looked at. Type it again in a minute."
            )
            change.merge(saying(busy, to: work.request, subject: "answer/\(work.key)", now))
            change.writes.append(PromisedAnswer.kept(work.key))
        }
        return change
    }

    /// What becomes of a request. `asked` is when it was made; nil: it is part of one that was counted already.
    func answer(
        _ request: CommandRequest, eventID: Int64?, asked: Date?, now: Date, _ definitions: DefinitionSet
    ) async -> (Answer, [AuditEntry]) {
        guard let person = definitions.person(request.identity) else {
            // Of strangers there are any number: they are counted by their channel.
            return (
                request.isPublic
                    ? .silence : .say(Refusals.unknownPerson(request.identity, definitions), isAccepted: false),
                denied(request, .stranger, by: request.identity.channel, "nobody has this identity", now)
            )
        }
        let words: [String]
        do { words = try CommandLine.words(request.text) } catch {
            if let refusal = tooOften(request, person, [], asked, now) { return refusal }
            return (.say(Refusals.bad("That could not be read: \(error.message)"), isAccepted: false), [])
        }
        if let refusal = tooOften(request, person, words, asked, now) { return refusal }
        if let (builtIn, rest) = BuiltIn.named(words) { return (.later(builtIn, rest, person), []) }
        guard let (command, rest) = definitions.command(named: words) else {
            return (.say(Refusals.unknownCommand(words, person, definitions), isAccepted: false), [])
        }
        let authorization = Authorization(definitions)
        if let refusal = notAllowed(request, person, authorization.answer(person, command), now) { return refusal }
        if let refusal = elsewhere(request, person, command, now) { return refusal }
        do {
            let parsed = try CommandLine.parse(rest, for: command, context: request.context)
            if let unknown = unknownPerson(command, parsed, definitions) {
                return (.say(Refusals.bad(unknown), isAccepted: false), [])
            }
            guard await board.openCount < limits.waitingJobs else {
                return (
                    .say(
                        Refusals.bad("Not taken: \(limits.waitingJobs) jobs wait already. Try again later."),
                        isAccepted: false), []
                )
            }
            var made = try JobFactory(definitions: definitions, newKey: newKey).make(
                command, parsed, requester: .person(id: person.id, identity: request.identity), eventID: eventID,
                now: now,  // What is asked for outside of a chat is told where the team reads.
                reportTo: request.reportTo.map { [$0] } ?? definitions.defaultReport, answerTo: request.answerTo)
            let answer = authorization.answer(person, command, made.job)
            if let refusal = notAllowed(request, person, answer, now) { return refusal }
            if made.job.approval?.asksForConfirmation == true {
                if let waiting = await board.waitingForConfirmation(
                    made.job.commandLine, by: request.identity, in: request.reportTo)
                {
                    return (.later(.confirm, ["\(waiting)"], person), [])
                }
                made.job.approval?.askedIn = request.reportTo
            }
            made.number(numbers.nextJobID())
            return (.job(made), [])
        } catch let error as CommandLine.Invalid {
            var report = Refusals.badArguments(error.message, command)
            report.form = form(of: command, rest, for: request, definitions)
            return (.say(report, isAccepted: false), [])
        } catch let error as JobFactory.Unmakeable {
            return (.say(Refusals.bad(error.message), isAccepted: false), [])
        } catch {
            return (.say(Refusals.bad("\(error)"), isAccepted: false), [])
        }
    }

    private func unknownPerson(
        _ command: CommandDefinition, _ parsed: CommandLine.Parsed, _ definitions: DefinitionSet
    ) -> String? {
        for argument in command.arguments where argument.type == .person {
            guard let id = parsed.arguments[argument.name]?.stringValue,
                let problem = RequestDesk.unknownPerson(id, definitions)
            else { continue }
            return problem
        }
        return nil
    }
}
