import Domain
import Foundation

/// Calls for people: begun with the end of a job, in one transaction; gone on with by time until somebody has it; ended
/// by the alert's resolve, or by a person's verdict on the job.
extension JobBoard {
    /// A call that begins.
    struct Call {
        var change: LedgerChange
        /// Nil: nothing follows, so nothing is kept.
        var escalation: Escalation?
    }

    func restoreEscalations() async throws {
        for (_, note) in try await reader.notes(under: Escalation.notes) {
            if let escalation = Escalation(note) { escalations[escalation.jobID] = escalation }
        }
    }

    // MARK: Beginning

    /// The call that the end of a job begins; nil when it calls nobody.
    func call(
        for transition: EventPath.Transition, _ steps: [Step], _ definitions: DefinitionSet, alertIsOver: Bool
    ) -> Call? {
        let job = transition.job
        guard [.failed, .timedOut, .unknown].contains(job.state) else { return nil }
        let report = report(job, steps, definitions)
        guard report.isWorthTelling else { return nil }
        let places = job.escalateTo.isEmpty && transition.isEscalated ? fallbackPlaces(job) : job.escalateTo
        return call(job, report.escalation, places, "job/\(job.id)/escalation", definitions, isKept: !alertIsOver)
    }

    /// The call about a job of which nobody has said for a while what became of it; and the end of one, when somebody
    /// has.
    func callAboutEnded(_ transition: EventPath.Transition, _ steps: [Step], _ definitions: DefinitionSet) -> Call? {
        let job = transition.job
        let report = report(job, steps, definitions)
        guard transition.isEscalated else {
            guard job.state != .unknown, let open = escalations[job.id] else { return nil }
            return Call(change: closing(open, "decided", .success, report.main), escalation: nil)
        }
        let subject = "job/\(job.id)/undecided"
        guard var open = escalations[job.id] else {
            let places = job.escalateTo.isEmpty ? fallbackPlaces(job) : job.escalateTo
            return call(job, report.undecided, places, subject, definitions, isKept: true)
        }
        // Somebody has it.
        if open.acknowledgedBy != nil { return Call(change: LedgerChange(), escalation: open) }
        let messages = EscalationMessages(escalation: open, report: report.undecided, now: time.now)
        let again = (0..<min(open.called, open.levels.count)).flatMap { messages.call($0, subject: subject) }
        open.note(told: again)
        return Call(change: LedgerChange(again.map { .enqueue($0) } + open.saved), escalation: open)
    }

    private func call(
        _ job: Job, _ report: Report, _ places: [Place], _ subject: String, _ definitions: DefinitionSet, isKept: Bool
    ) -> Call? {
        var targets = EscalationTargets(places, definitions)
        guard targets.levels.contains(where: { !$0.places.isEmpty }) else { return nil }
        // What cannot be gone on with later is said to everybody now.
        let isFull = escalations.count >= Escalation.mostOpen
        if isFull { targets = targets.together }
        var escalation = Escalation(
            jobID: job.id, commandLine: job.commandLine, alertFingerprint: job.alertFingerprint, openedAt: time.now,
            levels: targets.levels, repeatMilliseconds: targets.repeatMilliseconds)
        let isKept = isKept && !isFull
        if !isKept { escalation.levels = Array(escalation.levels.prefix(1)) }
        var change = callDue(&escalation, report, subject)
        guard isKept else {
            // Nobody follows, so there is nothing to be stopped.
            return Call(
                change: LedgerChange(
                    escalation.told.map {
                        .enqueue(
                            OutboxMessage(
                                place: $0.place, subject: $0.subject, slot: .single, report: report,
                                createdAt: time.now))
                    }, audit: change.audit), escalation: nil)
        }
        change.writes += escalation.saved
        return Call(change: change, escalation: escalation)
    }

    /// Calls all levels whose time has come.
    private func callDue(_ escalation: inout Escalation, _ report: Report, _ subject: String) -> LedgerChange {
        var change = LedgerChange()
        let since = time.now.since(escalation.openedAt).milliseconds
        while escalation.called < escalation.levels.count,
            escalation.called == 0 || escalation.levels[escalation.called].afterMilliseconds <= since
        {
            let level = escalation.called
            escalation.called += 1
            escalation.nextAt = escalation.next(after: time.now)
            let messages = EscalationMessages(escalation: escalation, report: report, now: time.now)
                .call(level, subject: subject)
            escalation.note(told: messages)
            change.writes += messages.map { .enqueue($0) }
            let names = escalation.levels[level].people + escalation.levels[level].places.map(\.description)
            change.audit.append(
                audit(
                    escalation, "called",
                    ["level": .int(Int64(level + 1)), "whom": .string(names.joined(separator: ", "))]))
        }
        return change
    }

    private func fallbackPlaces(_ job: Job) -> [Place] {
        job.reportTo.isEmpty ? [job.answerTo].compactMap(\.self) : job.reportTo
    }

    private func report(_ job: Job, _ steps: [Step], _ definitions: DefinitionSet) -> JobReport {
        JobReport(
            job: job, steps: steps, command: definitions.commands[job.command], definitions: definitions, now: time.now,
            notice: freeze.notice)
    }

    // MARK: Going on

    /// Calls who is due, and ends what is over.
    func lookAtEscalations() async throws(LedgerError) {
        for escalation in escalations.values.sorted(by: { $0.jobID < $1.jobID }) where escalation.nextAt <= time.now {
            try await goOn(withEscalation: escalation.jobID)
        }
    }

    private func goOn(withEscalation id: JobID) async throws(LedgerError) {
        await takeTurn(id)
        defer { endTurn(id) }
        guard var escalation = escalations[id], escalation.nextAt <= time.now else { return }
        if try await isResolved(escalation) { return try await close(escalation, "the alert resolved", .success) }
        if escalation.endsAt <= time.now {
            let days = DurationText.human(Escalation.longest)
            return try await close(escalation, "nobody has ended it for \(days)", .info)
        }
        guard let report = try await about(id)?.escalation else { return try await forget(escalation) }
        var change = callDue(&escalation, report, "job/\(id)/escalation")
        if change.writes.isEmpty, escalation.acknowledgedBy == nil, escalation.repeatMilliseconds != nil {
            escalation.repeats += 1
            escalation.nextAt = escalation.next(after: time.now)
            let again = EscalationMessages(escalation: escalation, report: report, now: time.now).callAgain()
            escalation.note(told: again)
            change.writes += again.map { .enqueue($0) }
            change.audit.append(audit(escalation, "called", ["again": .int(Int64(escalation.repeats))]))
        } else {
            escalation.nextAt = escalation.next(after: time.now)
        }
        change.writes += escalation.saved
        try await writer.commit(change)
        escalations[id] = escalation
        outboxSignal.fire()
    }

    private func isResolved(_ escalation: Escalation) async throws(LedgerError) -> Bool {
        guard let fingerprint = escalation.alertFingerprint,
            let episode = try await reader.episode(fingerprint: fingerprint)
        else { return false }
        // Fired again since, it is a new episode, with a job and a call of its own.
        return episode.resolvedAt != nil || episode.startedAt > escalation.openedAt
    }

    private func about(_ id: JobID) async throws(LedgerError) -> JobReport? {
        guard let job = try await reader.job(id: id) else { return nil }
        return report(job, try await reader.steps(jobID: id), definitions.value)
    }

    // MARK: Acknowledging

    /// What became of an acknowledgement.
    enum Acknowledgement: Sendable {
        case done(Escalation)
        case already(by: String, at: Date)
        case none
    }

    /// A person has it: nobody else is called.
    func acknowledge(_ id: JobID, by person: Person) async throws(LedgerError) -> Acknowledgement {
        await takeTurn(id)
        defer { endTurn(id) }
        guard var escalation = escalations[id] else { return .none }
        if let by = escalation.acknowledgedBy { return .already(by: by, at: escalation.acknowledgedAt ?? time.now) }
        escalation.acknowledgedBy = person.id
        escalation.acknowledgedAt = time.now
        escalation.nextAt = escalation.endsAt
        var change = LedgerChange(
            escalation.saved, audit: [audit(escalation, "acknowledged", [:], actor: person.id)])
        if let report = try await about(id)?.escalation {
            change.writes += EscalationMessages(escalation: escalation, report: report, now: time.now)
                .acknowledged(by: person.name).map { .enqueue($0) }
        }
        try await writer.commit(change)
        escalations[id] = escalation
        queueSignal.fire()
        outboxSignal.fire()
        return .done(escalation)
    }

    /// Those that nobody has ended, by number.
    func openEscalations() -> [Escalation] { escalations.values.sorted { $0.jobID < $1.jobID } }

    // MARK: Ending

    /// The alert is over: nobody is called about it any more.
    func endEscalations(alertFingerprint: String) async throws(LedgerError) {
        for id in escalations.values.filter({ $0.alertFingerprint == alertFingerprint }).map(\.jobID).sorted() {
            await takeTurn(id)
            defer { endTurn(id) }
            guard let escalation = escalations[id] else { continue }
            try await close(escalation, "the alert resolved", .success)
        }
    }

    /// The caller has the job's turn.
    private func close(_ escalation: Escalation, _ why: String, _ mood: Report.Mood) async throws(LedgerError) {
        guard let report = try await about(escalation.jobID)?.main else { return try await forget(escalation) }
        try await writer.commit(closing(escalation, why, mood, report))
        escalations[escalation.jobID] = nil
        outboxSignal.fire()
    }

    private func closing(_ escalation: Escalation, _ why: String, _ mood: Report.Mood, _ report: Report)
        -> LedgerChange
    {
        let messages = EscalationMessages(escalation: escalation, report: report, now: time.now).over(why, mood: mood)
        return LedgerChange(
            [.saveNote(escalation.note, .null)] + messages.map { .enqueue($0) },
            audit: [audit(escalation, "ended", ["reason": .string(why)])])
    }

    /// Its job is not in the ledger: there is nothing to call about.
    private func forget(_ escalation: Escalation) async throws(LedgerError) {
        try await writer.commit(LedgerChange([.saveNote(escalation.note, .null)]))
        escalations[escalation.jobID] = nil
    }

    private func audit(
        _ escalation: Escalation, _ what: String, _ detail: [String: JSONValue], actor: String = "defimon"
    ) -> AuditEntry {
        AuditEntry(
            time: time.now, actor: actor, kind: "escalation.\(what)", subject: "job/\(escalation.jobID)",
            detail: .object(detail))
    }
}

extension Escalation {
    /// Remembers the latest message of each place.
    fileprivate mutating func note(told messages: [OutboxMessage]) {
        for message in messages {
            told.removeAll { $0.place == message.place }
            told.append(Told(place: message.place, subject: message.subject))
        }
    }

    /// When it is looked at next, after what was done at `now`.
    fileprivate func next(after now: Date) -> Date {
        guard acknowledgedBy == nil else { return endsAt }
        if called < levels.count {
            return min(openedAt.advanced(by: .milliseconds(levels[called].afterMilliseconds)), endsAt)
        }
        guard let repeatMilliseconds, repeats < Escalation.mostRepeats else { return endsAt }
        return min(now.advanced(by: .milliseconds(repeatMilliseconds)), endsAt)
    }
}
