import Domain
import Foundation
import Logging
import Synchronization

/// Looking whether the effect of a job shows. The job holds no locks and no place among those that run meanwhile.
extension JobRunner {
    /// Looks once at all that is not proven yet, and says what was seen.
    func prove(_ id: JobID) async {
        guard let entry = await board.entry(id), var seen = entry.job.proofUnderWay else { return }
        let began = time.now
        for (index, check) in (entry.job.verify?.checks ?? []).enumerated()
        where index < seen.checks.count && !seen.checks[index].isPassed {
            let (isPassed, answer) = await look(check, entry)
            seen.checks[index].isPassed = isPassed
            seen.checks[index].answer = answer.map {
                String(board.writer.redactor.redact($0).prefix(JobProof.longestAnswer))
            }
        }
        if seen.waitsForAlert, let by = seen.alertBy, by <= began {
            switch await board.alertStanding(entry.job) {
            case .over: seen.isAlertResolved = true
            case .firing: break
            case .unknown(let reason): seen.alertDoubt = String(reason.prefix(JobProof.longestAnswer))
            }
        }
        // What was broken off by the bot's end says nothing; it is looked at again after the next start.
        if entry.proofStop.isFired { return }
        do { try await board.seen(id, seen, at: began) } catch {
            logger.warning(
                "a job's proof is left for the next start", metadata: ["job": "\(id)", "error": "\(error)"])
        }
    }

    /// Whether one look succeeds, and what it saw.
    private func look(_ check: VerifyCheck, _ entry: JobBoard.Entry) async -> (Bool, String?) {
        let action: any Action
        switch prepare(check, entry) {
        case .ready(let ready): action = ready
        case .later(let words), .wrong(let words): return (false, words)
        }
        // It is no step that anybody stored: every look is a first try.
        var step = Step(
            jobID: entry.job.id, index: 0, name: check.action, stepID: "verify", action: check.action,
            isOnFailure: false, state: .running, idempotencyKey: board.newKey())
        step.attempt = 1
        let latest = Mutex<String?>(nil)
        let runner = StepRunner(
            time: time, stop: entry.proofStop, jobRemaining: JobRunner.lookTimeout * 2,
            stepTimeout: JobRunner.lookTimeout, onlyPeeks: true, kept: LedgerKeptValues(reader: board.reader),
            save: { _, progress in latest.withLock { $0 = progress ?? $0 } })
        switch await runner.run(action, step, isResumed: false) {
        case .output(let output): return (true, output["summary"]?.stringValue)
        case .error(let error): return (false, error.message)
        case .notYet(let what, _, _): return (false, "not yet: \(what)")
        case .timedOut, .jobTimedOut:
            let progress = latest.withLock { $0 }.map { "; last seen: \($0)" } ?? ""
            return (false, "no answer within \(DurationText.human(JobRunner.lookTimeout))\(progress)")
        case .stopped: return (false, "broken off")
        case .cannotTell: return (false, "it cannot tell")
        }
    }

    private func prepare(_ check: VerifyCheck, _ entry: JobBoard.Entry) -> Prepared {
        guard let type = catalogue[check.action] else { return .wrong("there is no action '\(check.action)'") }
        guard type.effect == .reads else { return .wrong("'\(check.action)' does more than look") }
        let input: LocatedValue
        if check.isFilledIn {
            input = LocatedValue(check.input)
        } else {
            let scope = JobScope(job: entry.job, definitions: board.definitions.value).value(entry.steps)
            do { input = try LocatedValue(check.input).rendered(scope) } catch let error as Template.Missing {
                return .wrong("nothing provides {{\(error.path)}}")
            } catch { return .wrong("the inputs cannot be filled in: \(error)") }
        }
        var reader = InputReader.reading(input)
        let action = type.make(&reader)
        reader.finish()
        guard reader.problems.isEmpty else { return .wrong(reader.problems.map(\.message).joined(separator: "; ")) }
        return .ready(action)
    }
}
