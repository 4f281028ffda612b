import Domain
import Foundation

/// Carries out the commands that are code.
struct BuiltInDesk: Sendable {
    var board: JobBoard
    var reader: any LedgerReader
    var requests: RequestDesk
    var writer: PatientWriter
    var announcer: any TeamAnnouncer
    var status: any PoolStatusSource
    var time: any TimeSource

    func answer(_ work: RequestDesk.Work) async -> RunAnswer {
        var answer = await carryOut(work)
        if work.builtIn != .freeze { answer.report = board.freeze.noticed(answer.report) }
        return answer
    }

    private func carryOut(_ work: RequestDesk.Work) async -> RunAnswer {
        do {
            switch work.builtIn {
            case .help: return accepted(help(work))
            case .whoami: return accepted(whoami(work))
            case .jobs: return accepted(try await jobs())
            case .job: return try await job(work)
            case .cancel: return try await cancel(work)
            case .retry: return try await retry(work)
            case .unlock: return try await unlock(work)
            case .approve: return try await approve(work)
            case .deny: return try await deny(work)
            case .confirm: return try await confirm(work)
            case .ack: return try await ack(work)
            case .status: return try await status(work)
            case .explain: return try await explain(work)
            case .schedules: return try await schedules(work)
            case .rules: return try await rules(work)
            case .overrides: return try await overrides(work)
            case .freeze: return try await freeze(work)
            case .thaw: return try await thaw(work)
            case .maintenance: return try await maintenance(work)
            case .breaker: return try await breaker(work)
            }
        } catch {
            return refused("That did not work: the ledger cannot be read just now (\(error)). Try again.")
        }
    }

    func accepted(_ report: Report) -> RunAnswer { RunAnswer(report: report, jobID: nil, isAccepted: true) }
    func refused(_ text: String) -> RunAnswer {
        RunAnswer(report: Refusals.bad(text), jobID: nil, isAccepted: false)
    }

    // MARK: help, whoami

    private func help(_ work: RequestDesk.Work) -> Report {
        let definitions = board.definitions.value
        if !work.words.isEmpty {
            if let group = definitions.groups[work.words.joined(separator: " ")] { return help(group, definitions) }
            if let (command, _) = definitions.command(named: work.words) {
                return help(command, work.person, definitions)
            }
            if let builtIn = BuiltIn(rawValue: work.words[0]) {
                return Report(
                    mood: .info, title: "/defimon \(builtIn.usage)", blocks: [.text(builtIn.summary + ".")])
            }
            return Refusals.unknownCommand(work.words, work.person, definitions)
        }
        let authorization = Authorization(definitions)
        let able = definitions.commands.values.filter { authorization.mayAsk(work.person, $0) }.sorted {
            $0.name < $1.name
        }
        var blocks: [Report.Block] = []
        if able.isEmpty {
            blocks.append(.text("None of the team's commands is yours to run; ask for a role."))
        } else {
            blocks.append(.code(table(able.map { ("/defimon \(shortUsage($0, definitions))", $0.summary) })))
        }
        blocks.append(.code(table(BuiltIn.allCases.map { ("/defimon \($0.usage)", $0.summary) })))
        blocks.append(.text("Add --plan to a command to see what it would change. /defimon help <command> says more."))
        return Report(mood: .info, title: "What you can ask for", blocks: blocks)
    }

    private func help(_ command: CommandDefinition, _ person: Person, _ definitions: DefinitionSet) -> Report {
        var blocks: [Report.Block] = [.text(command.summary + ".")]
        if !command.arguments.isEmpty {
            blocks.append(
                .fields(
                    command.arguments.map { argument in
                        var text = argument.help.isEmpty ? "" : "\(argument.help). "
                        text += argument.type.requirement.prefix(1).uppercased() + argument.type.requirement.dropFirst()
                        if let value = argument.defaultValue {
                            text += "; \(value.plainText) unless given"
                        } else if !argument.isRequired, argument.type != .flag {
                            text += "; may be left out"
                        }
                        return .init(argument.type == .flag ? "--\(argument.name)" : argument.name, text)
                    }))
        }
        var lines = ["Roles: " + (command.roles.isEmpty ? "everybody" : command.roles.joined(separator: " or "))]
        switch Authorization(definitions).extent(person, command) {
        case .all: break
        case .limited(let limits): lines.append("You may run it " + limits.joined(separator: "; or ") + " alone")
        case .none(let able): lines.append("You may not run it. Who can: " + Refusals.askWhom(able))
        }
        if !command.channels.isEmpty {
            lines.append("Taken in: " + command.channels.map(\.description).joined(separator: ", ") + " alone")
        }
        lines.append("Time limit: \(DurationText.human(command.timeout))")
        for schedule in definitions.allSchedules where schedule.run == command.name && schedule.isEnabled {
            lines.append("By itself: \(schedule.timing)")
        }
        if !command.examples.isEmpty {
            lines.append("Examples: " + command.examples.map { "/defimon \($0)" }.joined(separator: "   "))
        }
        blocks.append(.text(lines.joined(separator: "\n")))
        blocks.append(
            .code(command.steps.enumerated().map { "\($0.offset + 1). \($0.element.name)" }.joined(separator: "\n")))
        return Report(mood: .info, title: "/defimon \(shortUsage(command, definitions)) [--plan]", blocks: blocks)
    }

    private func help(_ group: CommandGroup, _ definitions: DefinitionSet) -> Report {
        let rows = group.subcommands.map { word in
            let name = "\(group.name) \(word)"
            return definitions.commands[name].map { ("/defimon \(shortUsage($0, definitions))", $0.summary) }
                ?? ("/defimon help \(name)", definitions.groups[name]?.summary ?? "")
        }
        return Report(
            mood: .info, title: "/defimon \(group.name)", blocks: [.text(group.summary + "."), .code(table(rows))])
    }

    /// A default subcommand's word stands in brackets: `preview [create] <number>`.
    func shortUsage(_ command: CommandDefinition, _ definitions: DefinitionSet) -> String {
        let usage = CommandLine.usage(of: command).replacing(" [--plan]", with: "")
        guard let group = definitions.groups.values.first(where: { $0.defaultCommand == command.name }) else {
            return usage
        }
        return "\(group.name) [\(group.defaultSubcommand ?? "")]" + usage.dropFirst(command.name.count)
    }

    func table(_ rows: [(String, String)]) -> String {
        let width = min(rows.map(\.0.count).max() ?? 0, 48)
        return rows.map { left, right in
            left.count > width
                ? "\(left)\n\(String(repeating: " ", count: width))  \(right)"
                : left + String(repeating: " ", count: width - left.count) + "  \(right)"
        }.joined(separator: "\n")
    }

    // MARK: Jobs

    private func jobs() async throws(LedgerError) -> Report {
        // What nobody asked for and went well is not looked for here.
        let commands = board.definitions.value.commands
        let latest = try await reader.jobs(JobFilter(limit: 1000)).filter { job in
            job.state != .succeeded || job.requester.personID != nil || commands[job.command]?.isQuiet != true
        }.prefix(12)
        let queue = await board.queue()
        var blocks: [Report.Block] = []
        if !queue.isEmpty {
            blocks.append(.text("Waiting, in this order:"))
            blocks.append(
                .code(
                    queue.prefix(20).map { "\($0.id)  \($0.commandLine)  (\($0.requester))  \($0.reason)" }
                        .joined(separator: "\n")))
        }
        let shown = latest.filter { job in !queue.contains { $0.id == job.id } }
        if !shown.isEmpty {
            blocks.append(
                .code(
                    shown.map { job in
                        var line = "\(job.id)  \(job.commandLine)  \(job.state.words)  by \(job.requester)"
                        if let ended = job.endedAt { line += "  \(DurationText.human(time.now.since(ended))) ago" }
                        return line
                    }.joined(separator: "\n")))
        }
        if blocks.isEmpty { blocks.append(.text("Nothing runs, nothing waits, and nothing was asked for lately.")) }
        return Report(mood: .info, title: "Jobs", blocks: blocks)
    }

    private func number(_ work: RequestDesk.Work) -> JobID? {
        work.words.count == 1 ? Int64(work.words[0].drop { $0 == "#" }) : nil
    }

    private func job(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        if work.words.count == 2 { return try await decide(work) }
        guard let id = number(work) else { return refused("Which job? Usage: /defimon \(BuiltIn.job.usage)") }
        guard let job = try await reader.job(id: id) else { return refused("There is no job \(id).") }
        let definitions = board.definitions.value
        let report = JobReport(
            job: job, steps: try await reader.steps(jobID: id), command: definitions.commands[job.command],
            definitions: definitions, now: time.now, reader: work.person)
        return accepted(report.main)
    }

    /// `job 42 succeeded`: a person says what became of a job that ended as unknown, which gives its locks back.
    private func decide(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        let states = ["succeeded": JobState.succeeded, "failed": .failed]
        guard let id = Int64(work.words[0].drop { $0 == "#" }),
            ["retry", "do"].contains(work.words[1]) || states[work.words[1]] != nil
        else { return refused("Usage: /defimon \(BuiltIn.job.usage)") }
        guard let job = try await reader.job(id: id) else { return refused("There is no job \(id).") }
        if work.words[1] == "do" { return try await doPlanned(job, work) }
        guard job.state == .unknown else {
            let reason = job.reason.map { " (\($0))" } ?? ""
            return refused(
                "Job \(id) did not end as unknown but is \(job.state.words)\(reason): there is nothing to decide.")
        }
        if let refusal = try await refusal(work, job) {
            return RunAnswer(report: refusal, jobID: id, isAccepted: false)
        }
        guard let state = states[work.words[1]] else { return try await tryAgain(job, work) }
        guard try await board.decide(id, state, by: work.person.id) else {
            return refused("Job \(id) is decided already.")
        }
        return RunAnswer(
            report: Report(mood: .info, title: "Job \(id) is now \(state.words); its locks are free."), jobID: nil,
            isAccepted: true)
    }

    private func cancel(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard let id = number(work) else { return refused("Which job? Usage: /defimon \(BuiltIn.cancel.usage)") }
        guard let entry = await board.entry(id) else {
            guard let job = try await reader.job(id: id) else { return refused("There is no job \(id).") }
            return refused("Job \(id) has ended already: \(job.state.words).")
        }
        if let refusal = try await refusal(work, entry.job) {
            return RunAnswer(report: refusal, jobID: id, isAccepted: false)
        }
        guard try await board.apply(id, .cancelRequested(by: work.person.id)) else {
            return refused("Job \(id) is being cancelled already.")
        }
        return RunAnswer(
            report: Report(mood: .info, title: "Job \(id) (\(entry.job.commandLine)) is being cancelled."), jobID: id,
            isAccepted: true)
    }

    private func retry(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard let id = number(work) else { return refused("Which job? Usage: /defimon \(BuiltIn.retry.usage)") }
        guard let job = try await reader.job(id: id) else { return refused("There is no job \(id).") }
        guard job.state.isFinal else { return refused("Job \(id) has not ended yet: \(job.state.words).") }
        guard job.state != .unknown else {
            return refused(
                "Job \(id) ended as unknown: look whether its step took effect, then say /defimon job \(id) succeeded, failed or retry."
            )
        }
        return try await tryAgain(job, work)
    }

    /// Runs a command line that came in by no delivery.
    func run(_ asked: CommandRequest, idempotencyKey: String? = nil) async throws(LedgerError) -> RunAnswer {
        let request = asked.redacted(by: writer.redactor)
        let now = time.now
        let definitions = board.definitions.value
        let uniqueKey = idempotencyKey.map {
            "cli/\(request.identity.userID)/\(writer.redactor.redact($0).prefix(200))"
        }
        if let uniqueKey, try await reader.hasEvent(uniqueKey: uniqueKey) { return BuiltInDesk.receivedAlready }
        let eventID = uniqueKey.map { _ in requests.numbers.nextEventID() }
        let (answer, audit) = await requests.answer(
            request, eventID: eventID, asked: now, now: now, definitions)
        switch answer {
        case .say(let report, let isAccepted):
            try await writer.commit(LedgerChange(audit: audit))
            return RunAnswer(report: board.freeze.noticed(report), jobID: nil, isAccepted: isAccepted)
        case .job(let made):
            var change = board.change(making: made, definitions)
            change.audit += audit
            if let uniqueKey, let eventID {
                change.writes.append(event(request, eventID, uniqueKey, made.job.id, now))
            }
            do { try await writer.commit(change) } catch {
                // The same key came twice at once, and the other one was first.
                guard case .conflict = error, let uniqueKey, try await reader.hasEvent(uniqueKey: uniqueKey) else {
                    throw error
                }
                return BuiltInDesk.receivedAlready
            }
            await board.add(made)
            return RunAnswer(
                report: board.freeze.noticed(
                    Report(mood: .info, title: "Job \(made.job.id): \(made.job.commandLine)")), jobID: made.job.id,
                isAccepted: true)
        case .silence:
            try await writer.commit(LedgerChange(audit: audit))
            return RunAnswer(
                report: Refusals.unknownPerson(request.identity, definitions), jobID: nil, isAccepted: false)
        case .later(let builtIn, let words, let person):
            return await self.answer(
                RequestDesk.Work(
                    builtIn: builtIn, words: words, person: person, request: request,
                    key: idempotencyKey ?? requests.newKey()))
        }
    }

    private static let receivedAlready = RunAnswer(
        report: Report(mood: .info, title: "This was received already; nothing more is done."), jobID: nil,
        isAccepted: true)

    /// What came in by no delivery has an event of its own, so that it is found again and explained.
    private func event(_ request: CommandRequest, _ id: Int64, _ uniqueKey: String, _ job: JobID, _ now: Date)
        -> LedgerWrite
    {
        .insertEvent(
            id: id, deliveryRowID: 0, uniqueKey: uniqueKey,
            event: Event(
                source: Source("cli"), kind: "command", contentKey: uniqueKey, subject: "defimon run \(request.text)",
                occurredAt: now, attributes: ["user": .string(request.identity.userID)], origin: .request(request)),
            explanation: ["request": .string(request.text), "decision": .string("job \(job)")])
    }

    /// Why this person may not decide about a job, which goes into the audit; nil when they may.
    func refusal(_ work: RequestDesk.Work, _ job: Job) async throws(LedgerError) -> Report? {
        let definitions = board.definitions.value
        guard let command = definitions.commands[job.command] else { return nil }
        let answer = Authorization(definitions).answer(work.person, command, job)
        guard case .refused(let reason, let able) = answer else { return nil }
        let asked = CommandRequest(
            text: ([work.builtIn.rawValue] + work.words).joined(separator: " "), identity: work.request.identity,
            answerTo: nil, reportTo: nil)
        let audit = requests.denied(
            asked, .notAllowed, by: work.person.id, "\(work.person.id): \(reason)", time.now)
        try await writer.commit(LedgerChange(audit: audit))
        return Refusals.notAllowed(work.person, reason, askWhom: able)
    }

    // MARK: status, explain

    private func status(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        let pools = board.definitions.value.variables["pools"]?.objectValue ?? [:]
        guard let pool = work.words.first else {
            let queue = await board.queue()
            let running = await board.runningCount
            return accepted(
                Report(
                    mood: .info, title: "Defimon is up",
                    blocks: [
                        .fields([
                            .init("Running jobs", "\(running)"), .init("Waiting jobs", "\(queue.count)"),
                            .init("Pools", pools.keys.sorted().joined(separator: ", ")),
                        ]),
                        .text("/defimon status <pool> looks at one pool."),
                    ]))
        }
        guard let settings = pools[pool] else {
            let nearest = NearestName.of(pool, in: pools.keys).map { " — did you mean '\($0)'?" } ?? ""
            return refused("There is no pool '\(pool)'\(nearest)")
        }
        do {
            let blocks = try await status.status(of: pool, settings: settings)
            return accepted(Report(mood: .info, title: "Pool \(pool), \(PersonTime.text(time.now))", blocks: blocks))
        } catch {
            let words = (error as? ActionError)?.message ?? "\(error)"
            return refused("Pool \(pool) cannot be looked at: \(words)")
        }
    }

    private func explain(_ work: RequestDesk.Work) async throws -> RunAnswer {
        guard work.words.count == 1 else { return refused("Usage: /defimon \(BuiltIn.explain.usage)") }
        do { return accepted(try await Explainer(reader: reader).explain(work.words[0]).report) } catch let error
            as Explainer.Unknown
        { return refused(error.message) }
    }
}
