import Domain
import Foundation

extension EventPath {
    /// What may still happen to a job that has ended: a person asks for it once more, and that once.
    static func over(_ job: Job, _ input: JobInput, _ now: Date) -> Transition? {
        switch input {
        case .triedAgain(let newer, let by):
            guard job.triedAgainAs == nil else { return nil }
            var entry = audit(job, "job.tried-again", now, actor: by)
            entry.detail = ["as": .int(newer)]
            var result = Transition(job: job, audit: [entry], tellsDetails: false)
            result.job.triedAgainAs = newer
            return result
        case .made, .holdEnded, .started, .resumed, .parked, .superseded, .alertResolved, .waits, .outdated,
            .stepsChanged, .stepsEnded, .interrupted, .cancelRequested, .looked, .decided, .unlocked, .undecided,
            .frozen, .restored, .heldBack, .asked, .approval:
            return nil
        }
    }
}
