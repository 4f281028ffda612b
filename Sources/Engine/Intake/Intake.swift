import Domain
import Foundation
import Logging

/// Turns recorded deliveries into events, looks at every rule, and makes jobs. One after the other, so that what makes
/// two deliveries one event is seen; many deliveries share one commit.
actor Intake {
    /// Deliveries taken in one go.
    static let batch = 200

    private let reader: any LedgerReader
    private let writer: PatientWriter
    private let numbers: any LedgerNumbers
    private let decoders: [Source: any EventDecoder]
    private let board: JobBoard
    private let requests: RequestDesk
    private let alerts: AlertDesk
    private let watchdog: WatchdogSightings?
    private let time: any TimeSource
    private let logger: Logger
    private let answerNow: @Sendable (RequestDesk.Work) async -> RunAnswer
    let signal: Signal
    /// When the ledger was last put back from a backup.
    private var restoredAt: Date?

    init(
        reader: any LedgerReader, writer: PatientWriter, numbers: any LedgerNumbers, decoders: [any EventDecoder],
        board: JobBoard, requests: RequestDesk, alerts: AlertDesk, watchdog: WatchdogSightings? = nil,
        time: any TimeSource, logger: Logger,
        signal: Signal, answerNow: @escaping @Sendable (RequestDesk.Work) async -> RunAnswer
    ) {
        self.reader = reader
        self.writer = writer
        self.numbers = numbers
        self.decoders = Dictionary(decoders.map { ($0.source, $0) }, uniquingKeysWith: { first, _ in first })
        self.board = board
        self.requests = requests
        self.alerts = alerts
        self.watchdog = watchdog
        self.time = time
        self.logger = logger
        self.signal = signal
        self.answerNow = answerNow
    }

    func run() async {
        while !Task.isCancelled {
            do {
                if try await takeBatch() == 0 { await signal.wait() }
            } catch LedgerError.closed {
                return
            } catch {
                // What the desk remembers of this batch is not written: the ledger is asked again.
                await alerts.forget()
                try? await board.readBreakers()  // else they are read before the next batch is taken
                try? await board.readHeads()  // else a message counts a job that there is not
                logger.error("deliveries cannot be taken in, trying again", metadata: ["error": "\(error)"])
                try? await time.sleep(for: .seconds(1))  // cancelled: the loop ends
            }
        }
    }

    /// Takes the oldest deliveries that nobody has looked at; returns how many.
    func takeBatch() async throws -> Int {
        let deliveries = try await reader.undecodedDeliveries(limit: Intake.batch)
        guard !deliveries.isEmpty else { return 0 }
        restoredAt = await board.restorePoint?.at
        var decoded: [(StoredDelivery, Result<[Event], UndecodableDelivery>)] = []
        for delivery in deliveries { decoded.append((delivery, await decode(delivery))) }
        // Asked once for all: one by one takes as long as all the rest.
        let keys = decoded.flatMap { Intake.keysOfContent($0.1) }
        var batch = IntakeBatch(keys: try await reader.storedEvents(among: keys))
        var taken = 0
        for (delivery, events) in decoded {
            // What an alert's end means for the jobs that there are comes first; the rest is taken afterwards.
            if Intake.firesAgain(events, after: batch.resolved) { break }
            try await take(events, of: delivery, into: &batch)
            taken += 1
        }
        try await carryOutChanges(&batch)
        batch.change.writes += batch.marks.sorted { $0.key < $1.key }.map { $0.value.write($0.key) }
        try await writer.commit(batch.change)
        await alerts.committed()
        if let seen = batch.watchdogSeen { watchdog?.saw(seen) }
        for made in batch.made { await board.add(made) }
        await board.wake(batch.topics)
        for fingerprint in batch.resolved {
            for id in await board.ids(alertFingerprint: fingerprint) { try await board.apply(id, .alertResolved) }
            try await board.endEscalations(alertFingerprint: fingerprint)
        }
        try await writer.commit(requests.hand(batch.work, time.now))
        requests.outboxSignal.fire()
        return taken
    }

    /// Whether one of the alerts fires that have resolved in the same batch.
    private static func firesAgain(
        _ decoded: Result<[Event], UndecodableDelivery>, after resolved: [String]
    ) -> Bool {
        guard !resolved.isEmpty, case .success(let events) = decoded else { return false }
        return events.contains { event in
            guard case .alert(let alert) = event.origin, alert.isFiring else { return false }
            return resolved.contains(alert.fingerprint)
        }
    }

    /// Built-in commands that change something are carried out before their delivery counts as looked at: after a crash
    /// in between they are carried out again, which changes nothing more.
    private func carryOutChanges(_ batch: inout IntakeBatch) async throws {
        for work in batch.work where work.changesSomething {
            let answer = await answerNow(work)
            batch.change.merge(
                requests.saying(answer.report, to: work.request, subject: "answer/\(work.key)", time.now))
        }
        batch.work.removeAll(where: \.changesSomething)
    }

    private func decode(_ stored: StoredDelivery) async -> Result<[Event], UndecodableDelivery> {
        do {
            guard let decoder = decoders[stored.delivery.source] else {
                throw UndecodableDelivery("no decoder for '\(stored.delivery.source)'")
            }
            // What comes from outside may hold a secret; nothing that is made of it does.
            return .success(
                try await decoder.events(in: stored.delivery).map { $0.redacted(by: writer.redactor) })
        } catch {
            return .failure((error as? UndecodableDelivery) ?? UndecodableDelivery("\(error)"))
        }
    }

    /// Of all but alerts, whose keys their episodes tell.
    private static func keysOfContent(_ decoded: Result<[Event], UndecodableDelivery>) -> [String] {
        guard case .success(let events) = decoded else { return [] }
        return events.compactMap { event in
            if case .alert = event.origin { return nil }
            return "\(event.source)/\(event.contentKey)"
        }
    }

    private func take(
        _ decoded: Result<[Event], UndecodableDelivery>, of stored: StoredDelivery, into batch: inout IntakeBatch
    ) async throws {
        switch decoded {
        case .failure(let error):
            logger.error(
                "a delivery cannot be understood",
                metadata: ["delivery": "\(stored.rowID)", "reason": "\(error.reason)"])
            batch.change.merge(undecodable(stored, error.reason))
        case .success(let events):
            batch.change.writes.append(.finishDelivery(rowID: stored.rowID, state: .decoded, note: nil))
            batch.delivery = .init()
            for event in events { try await take(event, of: stored, into: &batch) }
            batch.takeJobs(board)
        }
    }

    /// Whether a group means anything: where no rule looks at groups only the end of one that was looked at does.
    private func matters(_ alert: AlertState) async throws(LedgerError) -> Bool {
        if alert.group == nil || board.definitions.value.rules.contains(where: { $0.forEach == .group }) { return true }
        return try await alerts.knowsOpen(alert.fingerprint)
    }

    private func take(_ event: Event, of stored: StoredDelivery, into batch: inout IntakeBatch) async throws {
        let now = time.now
        if case .alert(let alert) = event.origin, try await !matters(alert) { return }
        var uniqueKey = "\(event.source)/\(event.contentKey)"
        var startsNothing: String?
        var isTold = false
        if let restoredAt, stored.delivery.receivedAt < restoredAt {
            startsNothing = "it came in before the ledger was restored from a backup"
            isTold = true
        }
        // Each arrival counts, also of an episode that is known.
        if let watchdog, watchdog.isSeen(in: event) {
            let seen = stored.delivery.receivedAt
            batch.watchdogSeen = max(batch.watchdogSeen ?? seen, seen)
            batch.change.writes.append(watchdog.write(seen))
        }
        var isStored = false
        if case .alert(let alert) = event.origin {
            let verdict = try await alerts.look(
                at: alert, subject: event.subject, now: now, restoredAt: restoredAt,
                isLate: alert.group == nil ? nil : batch.delivery.isLate)
            if alert.group == nil, alert.isFiring {
                batch.delivery.firing += 1
                if verdict.phase == .late { batch.delivery.late += 1 }
            }
            uniqueKey = "\(event.source)/\(alert.fingerprint)/\(verdict.episode.number)/\(verdict.phase.rawValue)"
            if let episode = verdict.closed { batch.change.writes.append(.saveEpisode(episode)) }
            if let episode = verdict.changed { batch.change.writes.append(.saveEpisode(episode)) }
            startsNothing = verdict.startsNothing ?? startsNothing
            isTold = isTold || verdict.isTold
            if verdict.phase == .resolved, verdict.startsNothing == nil { batch.resolved.append(alert.fingerprint) }
            isStored = try await reader.hasEvent(uniqueKey: uniqueKey)
        }
        if isStored || batch.keys.contains(uniqueKey) {
            batch.change.writes.append(.countEvent(uniqueKey: uniqueKey))
            return
        }
        batch.keys.insert(uniqueKey)
        batch.topics.formUnion(event.topics)
        let eventID = numbers.nextEventID()
        var outcome: EventOutcome
        if let startsNothing {
            outcome = nothing(event, eventID, startsNothing, isTold: isTold, now)
        } else if case .request(let request) = event.origin {
            outcome = await requests.take(
                request, event, eventID: eventID, key: "delivery-\(stored.rowID)", now: now)
        } else {
            outcome = try await rulesOutcome(event, eventID, now, batch.allMade)
            batch.delivery.take(outcome.made, of: event)
            outcome.made = []
        }
        batch.change.writes.append(
            .insertEvent(
                id: eventID, deliveryRowID: stored.rowID, uniqueKey: uniqueKey, event: event,
                explanation: outcome.explanation))
        batch.change.audit.append(
            AuditEntry(
                time: now, actor: event.source.rawValue, kind: "event.received", subject: "event/\(eventID)",
                detail: outcome.auditDetail(subject: event.subject, delivery: stored.rowID)))
        batch.change.merge(outcome.change)
        batch.made += outcome.made
        batch.marks.merge(outcome.marks) { _, newer in newer }
        batch.work += outcome.work
    }

    /// An event that is recorded and starts nothing.
    private func nothing(_ event: Event, _ eventID: Int64, _ reason: String, isTold: Bool, _ now: Date)
        -> EventOutcome
    {
        var outcome = EventOutcome(explanation: ["starts_nothing": .string(reason)])
        guard isTold else { return outcome }
        let report = Report(
            mood: .warning, title: "\(event.subject): nothing was started",
            blocks: [.fields([.init("Why", reason)]), .text("Look yourself whether something is to be done.")])
        outcome.change.writes = board.definitions.value.defaultReport.map {
            .enqueue(
                OutboxMessage(place: $0, subject: "event/\(eventID)", slot: .single, report: report, createdAt: now))
        }
        return outcome
    }

    /// Looks at every rule, in the order of their names.
    private func rulesOutcome(_ event: Event, _ eventID: Int64, _ now: Date, _ alreadyMade: [JobFactory.Made])
        async throws -> EventOutcome
    {
        let definitions = board.definitions.value
        var outcome = EventOutcome(explanation: [:])
        var considered: [JSONValue] = []
        for rule in definitions.rules {
            let consideration = rule.consider(event, in: definitions)
            var record = consideration.json
            var verdicts: [GuardVerdict] = []
            if let decision = try await decide(
                rule, consideration, event, eventID, now, definitions, alreadyMade + outcome.made, &outcome, &verdicts),
                case .object(var members) = record
            {
                outcome.marks[RuleMark.note(rule)] = RuleMark(at: now, event: eventID, decision: decision)
                members["decision"] = .string(decision)
                if !verdicts.isEmpty { members["guards"] = .array(verdicts.map(\.json)) }
                record = .object(members)
            }
            considered.append(record)
        }
        outcome.explanation = ["rules": .array(considered)]
        return outcome
    }

    /// What becomes of a rule that matches; nil for one that does not.
    private func decide(
        _ rule: RuleDefinition, _ consideration: RuleConsideration, _ event: Event, _ eventID: Int64, _ now: Date,
        _ definitions: DefinitionSet, _ made: [JobFactory.Made], _ outcome: inout EventOutcome,
        _ verdicts: inout [GuardVerdict]
    ) async throws -> String? {
        switch consideration.outcome {
        case .noMatch: return nil
        case .problem(let problem):
            outcome.change.merge(ruleProblem(rule, consideration, event, eventID, problem, now))
            return "cannot run: \(problem)"
        case .runs(let name, _, _):
            guard let command = definitions.commands[name] else { return "there is no command '\(name)'" }
            let factory = JobFactory(definitions: definitions, newKey: requests.newKey)
            do {
                guard
                    case (var job, let firingSince)? = try rule.job(
                        of: event, consideration, command, eventID: eventID, factory, now: now)
                else { return nil }
                let check = try await board.checkAtDoor(
                    job.job, firingSince: firingSince, made, onlyLooks: rule.onlyObserves)
                outcome.change.merge(check.change)
                verdicts = check.verdicts
                if rule.onlyObserves {
                    let observation = RuleObservation(rule: rule.name, job: job.job, check: check)
                    outcome.change.merge(observation.change(because: event.subject, now))
                    return observation.decision
                }
                if case .refuses(let reason) = check.decision { return reason }
                job.job.obey(check)
                if await board.openCount + made.count >= requests.limits.waitingJobs {
                    return "refused: \(requests.limits.waitingJobs) jobs wait already"
                }
                job.number(numbers.nextJobID())
                outcome.made.append(job)
                return "job \(job.job.id)"
            } catch let error as JobFactory.Unmakeable {
                outcome.change.merge(ruleProblem(rule, consideration, event, eventID, error.message, now))
                return "cannot run: \(error.message)"
            }
        }
    }

    private func ruleProblem(
        _ rule: RuleDefinition, _ consideration: RuleConsideration, _ event: Event, _ eventID: Int64,
        _ problem: String, _ now: Date
    ) -> LedgerChange {
        let report = Report(
            mood: .warning, title: "Rule \(rule.name) matched and could not run '\(rule.run)'",
            blocks: [.fields([.init("Because of", event.subject), .init("Why", problem)])])
        let places = consideration.report.isEmpty ? board.definitions.value.defaultReport : consideration.report
        return LedgerChange(
            places.map {
                .enqueue(
                    OutboxMessage(
                        place: $0, subject: "event/\(eventID)/\(rule.name)", slot: .single, report: report,
                        createdAt: now))
            },
            audit: [
                AuditEntry(
                    time: now, actor: "rule/\(rule.name)", kind: "rule.problem", subject: "event/\(eventID)",
                    detail: ["problem": .string(problem)])
            ])
    }

    private func undecodable(_ stored: StoredDelivery, _ reason: String) -> LedgerChange {
        let now = time.now
        let report = Report(
            mood: .warning, title: "A delivery from \(stored.delivery.source) could not be understood",
            blocks: [.fields([.init("Delivery", "\(stored.rowID)"), .init("Why", reason)])])
        return LedgerChange(
            [.finishDelivery(rowID: stored.rowID, state: .undecodable, note: reason)]
                + board.definitions.value.defaultReport.map {
                    .enqueue(
                        OutboxMessage(
                            place: $0, subject: "delivery/\(stored.rowID)", slot: .single, report: report,
                            createdAt: now))
                },
            audit: [
                AuditEntry(
                    time: now, actor: stored.delivery.source.rawValue, kind: "delivery.undecodable",
                    subject: "delivery/\(stored.rowID)", detail: ["reason": .string(reason)])
            ])
    }
}
