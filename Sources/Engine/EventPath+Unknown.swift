import Domain
import Foundation

/// Jobs of which nobody can tell what became of them.
extension EventPath {
    /// How long people have to look what became of a job that nobody can tell of, before they are called.
    static let timeToDecide = Duration.seconds(600)

    /// Nobody can tell what became of it. Its locks stay until a person has decided.
    static func lost(_ job: Job, _ reason: String, _ steps: [Step], _ now: Date) -> Transition {
        var result = ended(job, .unknown, reason, now)
        result.writes = steps.map { .saveStep($0) }
        result.audit += steps.compactMap { stepAudit(job, $0, now) }
        result.job.heldUntil = now.advanced(by: timeToDecide)
        return result
    }

    static func unknown(_ job: Job, _ input: JobInput, _ now: Date) -> Transition? {
        switch input {
        case .decided(let state, let by):
            return ended(
                job, state, "\(by) has looked: it \(state == .succeeded ? "took" : "did not take") effect", now,
                actor: by)
        case .triedAgain(let newer, let by):
            var result = ended(job, .failed, "\(by) has it tried again as job \(newer)", now, actor: by)
            result.job.triedAgainAs = newer
            return result
        case .unlocked(let by):
            var result = Transition(job: job)
            let paths = job.locks.map(\.path).joined(separator: ", ")
            result.job.locks = []
            result.job.reason = [job.reason, "\(by) has released its locks (\(paths))"].compactMap(\.self)
                .joined(separator: "; ")
            result.writes = [.releaseLocks(jobID: job.id)]
            result.audit = [audit(result.job, "job.unlocked", now, actor: by)]
            return result
        case .undecided:
            guard job.heldUntil != nil else { return nil }
            var result = Transition(job: job, audit: [audit(job, "job.undecided", now)], isTold: false)
            result.job.heldUntil = nil
            result.isEscalated = true
            return result
        case .made, .holdEnded, .started, .resumed, .parked, .superseded, .alertResolved, .waits, .outdated,
            .stepsChanged, .stepsEnded, .interrupted, .cancelRequested, .looked, .frozen, .restored, .heldBack,
            .asked, .approval:
            return nil
        }
    }
}
