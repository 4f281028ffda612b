import Domain
import Foundation

/// What proves the effect of a job whose steps are done. All that is asked for must hold; the first time that is over
/// in vain ends it.
extension EventPath {
    static func verifyingBegins(
        _ job: Job, _ verify: VerifyDefinition, _ reason: String?, _ now: Date, _ alertIsResolved: Bool
    ) -> Transition {
        var proof = JobProof(verify, from: now)
        proof.isAlertResolved = alertIsResolved && proof.alertBy != nil
        guard !proof.isComplete else { return ended(job, .succeeded, reason, now) }
        var result = moved(job, to: .verifying, waiting(for: proof, from: now), now)
        result.job.proof = proof
        result.job.verifyBy = proof.firstEnd
        result.writes = [.releaseLocks(jobID: job.id)]
        return result
    }

    static func alertResolvedWhileVerifying(_ job: Job, _ now: Date) -> Transition? {
        guard let proof = job.proofUnderWay, proof.waitsForAlert else { return nil }
        var seen = proof
        seen.isAlertResolved = true
        return looked(job, seen, now, now)
    }

    /// `at`: when the look began. One that began when the time was over was the last.
    static func looked(_ job: Job, _ seen: JobProof, _ at: Date, _ now: Date) -> Transition? {
        guard var proof = job.proofUnderWay else { return nil }
        proof.merge(seen)
        var proven = job
        proven.proof = proof
        if proof.isComplete { return ended(proven, .succeeded, provenWords(proof), now) }
        if let end = proof.firstEnd, end <= at {
            var result = ended(proven, .failed, missingWords(proof, at), now)
            // Who must say how the alert is cannot be asked: then people are.
            result.isEscalated = isAlertInDoubt(proof, at) && (job.guards.ifUnknown ?? .ask) == .ask
            return result
        }
        guard proof != job.proof else { return nil }
        var result = Transition(job: proven)
        result.job.reason = waiting(for: proof, from: now)
        result.job.verifyBy = proof.firstEnd
        // What was seen is kept; said is only what is new to people.
        result.isTold = result.job.reason != job.reason
        return result
    }

    /// Whether its alert's time is over, and nobody could say how the alert is.
    static func isAlertInDoubt(_ proof: JobProof, _ at: Date) -> Bool {
        proof.waitsForAlert && proof.alertDoubt != nil && proof.alertBy.map { $0 <= at } ?? false
    }

    private static func waiting(for proof: JobProof, from now: Date) -> String {
        if proof.checks.isEmpty, let by = proof.alertBy {
            return "waiting up to \(DurationText.human(by.since(now))) for the alert to resolve"
        }
        // The ends are times of day, so that the same answer is the same text.
        var parts: [String] = []
        if proof.waitsForAlert, let by = proof.alertBy {
            parts.append("until \(PersonTime.text(by)) for the alert to resolve")
        }
        for check in proof.checks where !check.isPassed {
            let last = check.answer.map { " (\($0))" } ?? ""
            parts.append("until \(PersonTime.text(check.by)) for \(check.action)\(last)")
        }
        return "waiting " + parts.joined(separator: ", and ")
    }

    private static func provenWords(_ proof: JobProof) -> String {
        var parts = proof.checks.map { check in check.action + (check.answer.map { ": \($0)" } ?? " succeeded") }
        if proof.alertBy != nil { parts.insert("the alert resolved", at: 0) }
        return parts.joined(separator: "; ")
    }

    private static func missingWords(_ proof: JobProof, _ at: Date) -> String {
        var parts: [String] = []
        if proof.waitsForAlert, let by = proof.alertBy, by <= at {
            parts.append(
                proof.alertDoubt.map { "nobody can say whether the alert still fires: \($0)" }
                    ?? "the alert still fires")
        }
        for check in proof.checks where !check.isPassed && check.by <= at {
            parts.append("\(check.action) did not succeed" + (check.answer.map { ": \($0)" } ?? ""))
        }
        return "all steps were done, but " + parts.joined(separator: "; ")
    }
}
