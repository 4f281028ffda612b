import Domain
import Foundation

/// The remedies of a rule that follow when the one before did not help.
extension JobBoard {
    /// Why there is no further remedy.
    private struct NoRemedy: Error {
        var reason: String
        var isAlertOver = false
        /// Nobody can say how the alert is, and a person must.
        var isAsked = false
        /// What guards write.
        var change = LedgerChange()
    }

    /// The next remedy, to be written in the same transaction as the end of the one before, so that none is left out and
    /// none comes twice. Nil when nothing follows; the transition says why then.
    func nextRemedy(after transition: inout EventPath.Transition) async throws(LedgerError) -> JobFactory.Made? {
        let job = transition.job
        guard [.failed, .timedOut].contains(job.state), var ladder = job.ladder else { return nil }
        guard let remedy = ladder.rest.first else {
            transition.add("that was the last of \(ladder.count) remedies")
            return nil
        }
        do {
            let made = try await make(remedy, ladder, job)
            ladder.next = made.job.id
            transition.job.ladder = ladder
            transition.add("followed by \(made.job.ladder?.words ?? ""): job \(made.job.id)")
            return made
        } catch let error as NoRemedy {
            transition.add("no further remedy (\(ladder.count - ladder.rung) would be left): \(error.reason)")
            transition.isAlertOver = error.isAlertOver
            transition.writes += error.change.writes
            transition.audit += error.change.audit
            transition.isEscalated = transition.isEscalated || error.isAsked
            return nil
        } catch let error as LedgerError {
            throw error
        } catch {
            transition.add("no further remedy: \(error)")
            return nil
        }
    }

    private func make(_ remedy: JobLadder.Remedy, _ ladder: JobLadder, _ job: Job) async throws -> JobFactory.Made {
        try await requireFiring(job)
        let current = definitions.value
        guard let command = current.commands[remedy.command] else {
            throw NoRemedy(reason: "there is no command '\(remedy.command)' any more")
        }
        let words = remedy.arguments.filter { $0.value != .null }.sorted { $0.key < $1.key }
            .map { "--\($0.key)=\($0.value.plainText)" }
        var guards = job.guards
        // It fires long enough already.
        guards.firingForMilliseconds = nil
        var made: JobFactory.Made
        do {
            made = try JobFactory(definitions: current, newKey: newKey).make(
                command, CommandLine.parse(words, for: command), requester: job.requester, eventID: job.eventID,
                variables: job.variables, ruleScope: job.variables["event"], guards: guards, now: time.now,
                reportTo: job.reportTo, answerTo: nil, escalateTo: job.escalateTo, verify: remedy.verify)
        } catch let error as CommandLine.Invalid {
            throw NoRemedy(reason: error.message)
        } catch let error as JobFactory.Unmakeable {
            throw NoRemedy(reason: error.message)
        }
        made.job.alertFingerprint = job.alertFingerprint
        made.job.alertGroup = job.alertGroup
        made.job.headSubject = job.headSubject
        made.job.ladder = JobLadder(
            rung: ladder.rung + 1, count: ladder.count, before: job.id, rest: Array(ladder.rest.dropFirst()))
        let check = try await checkAtDoor(made.job, firingSince: nil, [], after: job)
        if case .refuses(let reason) = check.decision { throw NoRemedy(reason: reason, change: check.change) }
        made.job.obey(check)
        made.number(numbers.nextJobID())
        return made
    }

    /// A remedy is for an alert that fires.
    private func requireFiring(_ job: Job) async throws(NoRemedy) {
        guard job.alertFingerprint != nil else { return }
        switch await alertStanding(job) {
        case .firing: return
        case .over: throw NoRemedy(reason: "the alert is over", isAlertOver: true)
        case .unknown(let why):
            switch job.guards.ifUnknown ?? .ask {
            case .go: return
            case .ask: throw NoRemedy(reason: "nobody can say whether the alert still fires: \(why)", isAsked: true)
            case .stop: throw NoRemedy(reason: "nobody can say whether the alert still fires: \(why)")
            }
        }
    }
}

extension EventPath.Transition {
    /// Says more about how it ended.
    fileprivate mutating func add(_ words: String) {
        job.reason = [job.reason, words].compactMap(\.self).joined(separator: "; ")
    }
}
