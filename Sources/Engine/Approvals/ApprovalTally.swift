import Domain
import Foundation

/// Counts what people have said about a waiting job, and says who may say something. Pure: the board asks it in the
/// job's turn, so that two clicks at once are counted one after the other.
struct ApprovalTally {
    var job: Job
    var now: Date

    private var approval: JobApproval { job.approval ?? JobApproval() }

    /// Sets whose time is not over.
    private var setsInTime: [ApprovalSet] {
        guard let askedAt = approval.askedAt else { return [] }
        return approval.sets.filter { now < askedAt.advanced(by: .milliseconds($0.withinMilliseconds)) }
    }

    /// Sets that can still be filled.
    var openSets: [ApprovalSet] { setsInTime.filter { count(.denies, in: $0) < $0.deny } }

    /// Whether one of the sets that can still be filled is.
    var isApproved: Bool { openSets.contains { missing(in: $0) == 0 } }

    /// Whether denials have ended every set that could be filled.
    var isDenied: Bool { !setsInTime.isEmpty && openSets.isEmpty }

    /// Whether the approvals fill a set, whenever they were given.
    var isFilled: Bool { approval.sets.contains { missing(in: $0) == 0 } }

    func missing(in set: ApprovalSet) -> Int { max(set.need - count(.approves, in: set), 0) }

    private func count(_ verdict: ApprovalVote.Verdict, in set: ApprovalSet) -> Int {
        Set(approval.votes.filter { $0.verdict == verdict && counts($0, in: set) }.map(\.person)).count
    }

    private func counts(_ vote: ApprovalVote, in set: ApprovalSet) -> Bool {
        ApprovalTally.hasRole(vote.roles, set) && (set.allowsOwn || !isOwn(vote))
    }

    static func hasRole(_ roles: [String], _ set: ApprovalSet) -> Bool {
        set.from.isEmpty || set.from.contains { roles.contains($0) }
    }

    func isOwn(_ vote: ApprovalVote) -> Bool { vote.person == job.requester.personID }

    /// Why this vote does not count; nil when it does. `planHash`: the beginning of the hash of the plan that the person
    /// saw, nil for the current one.
    func refusal(of vote: ApprovalVote, planHash: String?) -> String? {
        guard job.state == .waitingApproval else { return refusalByState }
        guard let plan = approval.plan, let until = approval.until else {
            return "Job \(job.id) still plans what it would change. Its message says when it can be approved."
        }
        if let planHash, !plan.hash.hasPrefix(planHash) {
            return
                "Void: that was said about the plan \(planHash), and job \(job.id) would now do another, \(plan.shortHash)."
                + " Nothing was counted; look at the new plan first."
        }
        guard now < until, !openSets.isEmpty else {
            return "Too late: job \(job.id) could be approved until \(PersonTime.text(until)). Nothing was counted."
        }
        if isOwn(vote) {
            if vote.verdict == .denies { return "Job \(job.id) is your own: /defimon cancel \(job.id) ends it." }
            guard openSets.contains(where: { $0.allowsOwn && ApprovalTally.hasRole(vote.roles, $0) }) else {
                return
                    "Job \(job.id) is your own, and another person must approve it: \(ApprovalTally.words(openSets))."
            }
            if vote.reason == nil {
                return
                    "Job \(job.id) is your own. In an emergency you may approve it all the same, and everybody is told:"
                    + " /defimon approve \(job.id) \"why it cannot wait\"."
            }
        } else if !openSets.contains(where: { ApprovalTally.hasRole(vote.roles, $0) }) {
            return
                "'\(vote.verdict == .approves ? "approve" : "deny")' of job \(job.id) is not yours to say. Needed: \(ApprovalTally.words(openSets))."
        }
        if let earlier = approval.votes.first(where: { $0.person == vote.person }), earlier.verdict == vote.verdict {
            let done = vote.verdict == .approves ? "approved" : "denied"
            return
                "You have \(done) job \(job.id) already, as \(earlier.identity), at \(PersonTime.text(earlier.at)). A person counts once."
        }
        return nil
    }

    private var refusalByState: String {
        let reason = job.reason.map { ": \($0)" } ?? ""
        switch job.state {
        case .waitingConfirmation:
            return "Job \(job.id) waits for its own requester's confirmation first."
        case .denied, .expired: return "Too late: job \(job.id) is \(job.state.words)\(reason). Nothing was counted."
        default: return "Job \(job.id) does not wait for an approval but is \(job.state.words)\(reason)."
        }
    }

    // MARK: Words

    /// `2 of lead, or 1 of admin`.
    static func words(_ sets: [ApprovalSet]) -> String {
        sets.map { "\($0.need) of \(roles($0))" }.joined(separator: ", or ")
    }

    static func roles(_ set: ApprovalSet) -> String {
        set.from.isEmpty ? "everybody known" : set.from.joined(separator: " or ")
    }

    /// What is still missing: `1 more of lead`.
    var missingWords: String {
        openSets.map { "\(missing(in: $0)) more of \(ApprovalTally.roles($0))" }.joined(separator: ", or ")
    }
}
