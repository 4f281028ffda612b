import Domain

/// What people may do with a job that ended as unknown, beside saying what became of it, and how jobs are tried again.
extension BuiltInDesk {
    /// The same command line as a new job of who asks, checked as if it were typed, in one transaction with the end of an
    /// unknown job and its locks. Of two who ask at once, one has it. `line`: the command line, where it is another.
    func tryAgain(_ job: Job, _ work: RequestDesk.Work, as line: String? = nil) async throws(LedgerError) -> RunAnswer {
        if let again = try await triedAgain(job) { return again }
        let isUnknown = job.state == .unknown
        let definitions = board.definitions.value
        var request = work.request
        request.text = line ?? job.commandLine
        let (answer, audit) = await requests.answer(request, eventID: nil, asked: nil, now: time.now, definitions)
        switch answer {
        case .job(let made):
            guard try await board.tryAgain(job.id, as: made, by: work.person.id, definitions) else {
                return try await triedAgain(job) ?? refusedUnknown("Job \(job.id) is decided already.")
            }
            let after =
                isUnknown
                ? ", in the place of job \(job.id), whose locks are free."
                : line == nil ? ", once more after job \(job.id)." : ", as job \(job.id) has planned it."
            return RunAnswer(
                report: Report(mood: .info, title: "Job \(made.job.id): \(made.job.commandLine)\(after)"),
                jobID: made.job.id, isAccepted: true)
        case .say(let report, _):
            try await writer.commit(LedgerChange(audit: audit))
            return RunAnswer(report: report, jobID: job.id, isAccepted: false)
        case .later(.confirm, let words, _):
            return refusedUnknown(
                "You have asked for '\(request.text)' already: job \(words.first ?? "") waits for your confirmation.")
        case .later, .silence:
            let rest = isUnknown ? ": say succeeded or failed." : "."
            return refusedUnknown("'\(request.text)' is no command of the team's any more\(rest)")
        }
    }

    /// What is said when a job was tried again already; nil when it was not.
    private func triedAgain(_ job: Job) async throws(LedgerError) -> RunAnswer? {
        guard let newer = try await reader.job(id: job.id)?.triedAgainAs else { return nil }
        let state = try await reader.job(id: newer)?.state
        let isOver = state.map { $0.isFinal && $0 != .succeeded } ?? false
        return RunAnswer(
            report: Refusals.bad(
                "Void: job \(job.id) was \(job.isPlanOnly && job.state == .succeeded ? "carried out" : "tried again") already,"
                    + " as job \(newer)" + (state.map { " (\($0.words))" } ?? "") + "."
                    + (isOver ? " /defimon retry \(newer) tries that one again." : "")),
            jobID: newer, isAccepted: false)
    }

    /// `job 42 do`: what the plan of a job with `--plan` shows, as a new job.
    func doPlanned(_ job: Job, _ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard job.isPlanOnly, job.state == .succeeded else {
            return refusedUnknown(
                "Job \(job.id) is no plan that succeeded (\(job.commandLine), \(job.state.words)): there is nothing to do."
            )
        }
        guard let command = board.definitions.value.commands[job.command] else {
            return refusedUnknown("'\(job.command)' is no command of the team's any more.")
        }
        return try await tryAgain(
            job, work, as: CommandLine.text(of: command, .init(arguments: job.arguments, isPlanOnly: false)))
    }

    /// `unlock 42`, `unlock pool/analytics`: others may go on although nobody has decided yet.
    func unlock(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard work.words.count == 1, let word = work.words.first else {
            return refusedUnknown("Usage: /defimon \(BuiltIn.unlock.usage)")
        }
        var ids: [JobID] = []
        if let id = Int64(word.drop { $0 == "#" }) {
            ids = [id]
        } else {
            ids = Set(await board.holders(of: word).map(\.jobID)).sorted()
            if ids.isEmpty { return refusedUnknown("Nobody holds '\(word)', nor anything above or below it.") }
        }
        var jobs: [Job] = []
        for id in ids {
            guard let job = try await reader.job(id: id) else { return refusedUnknown("There is no job \(id).") }
            guard job.state == .unknown else {
                return refusedUnknown(
                    "Job \(id) is \(job.state.words): only the locks of a job that ended as unknown are taken away."
                        + (job.state.isFinal ? " It holds none." : " /defimon cancel \(id) ends it."))
            }
            if job.locks.isEmpty { return refusedUnknown("Job \(id) holds no locks.") }
            if let refusal = try await refusal(work, job) {
                return RunAnswer(report: refusal, jobID: id, isAccepted: false)
            }
            jobs.append(job)
        }
        for job in jobs where try await !board.unlock(job.id, by: work.person.id) {
            return refusedUnknown("Job \(job.id) is decided already.")
        }
        let lines = jobs.map { job in
            let paths = job.locks.map(\.path).joined(separator: ", ")
            return "Job \(job.id) (\(job.commandLine)) no longer holds \(paths). It is still undecided: "
                + "/defimon job \(job.id) succeeded, failed or retry."
        }
        return RunAnswer(
            report: Report(
                mood: .warning, title: "Unlocked: others may work there now",
                blocks: [.text(lines.joined(separator: "\n"))]),
            jobID: nil, isAccepted: true)
    }

    private func refusedUnknown(_ text: String) -> RunAnswer {
        RunAnswer(report: Refusals.bad(text), jobID: nil, isAccepted: false)
    }
}
