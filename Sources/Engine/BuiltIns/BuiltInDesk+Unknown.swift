import Domain

/// What people may do with a job that ended as unknown, beside saying what became of it.
extension BuiltInDesk {
    /// `job 42 retry`: the same command line as a new job, in one transaction with the end of the old one and its locks.
    func tryAgain(_ job: Job, _ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        let definitions = board.definitions.value
        var request = work.request
        request.text = job.commandLine
        let (answer, audit) = await requests.answer(request, eventID: nil, asked: nil, now: time.now, definitions)
        switch answer {
        case .job(let made):
            guard try await board.tryAgain(job.id, as: made, by: work.person.id, definitions) else {
                return refusedUnknown("Job \(job.id) is decided already.")
            }
            return RunAnswer(
                report: Report(
                    mood: .info,
                    title:
                        "Job \(made.job.id): \(made.job.commandLine), in the place of job \(job.id), whose locks are free."
                ), jobID: made.job.id, isAccepted: true)
        case .say(let report, _):
            try await writer.commit(LedgerChange(audit: audit))
            return RunAnswer(report: report, jobID: job.id, isAccepted: false)
        case .later, .silence:
            return refusedUnknown("'\(job.commandLine)' is no command of the team's any more: say succeeded or failed.")
        }
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
