package import Domain

/// What may happen to a job about its confirmation and its approval.
package enum ApprovalInput: Sendable {
    /// What it would change is known. `sets` are those that apply to it; `otherwise` is the one for a job that is asked
    /// for by `Job.asks` alone.
    case planned(JobPlan, sets: [ApprovalSet], otherwise: ApprovalSet)
    /// Who asked for it says so once more.
    case confirmed(by: String)
    /// Somebody approves or denies.
    case voted(ApprovalVote)
    /// The time for saying something is over.
    case expired
    /// It holds its locks, and would now do something else than what was approved.
    case planChanged(JobPlan, sets: [ApprovalSet])
    /// It holds its locks, and these are the votes that still count: too few.
    case votesLost(reason: String, left: [ApprovalVote])
}

/// What people are told about an approval by messages of their own, beside the job's.
package enum ApprovalNews: Sendable, Hashable {
    /// People are asked for the first time.
    case asked
    /// What was approved is void, and people are asked again.
    case askedAgain
    case expired
    /// Who asked has approved it too.
    case own(person: String, reason: String)
}
