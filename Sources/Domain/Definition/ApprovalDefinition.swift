/// One set of approvals under which a command may start. Of several sets that apply, any one is enough.
package struct ApprovalDefinition: Sendable, Hashable {
    /// People that one set may ask for.
    package static let mostNeeded = 10
    /// How long people have, unless the definition says so.
    package static let usualWithin = Duration.seconds(1800)
    /// How long they may have.
    package static let withinBounds = Duration.seconds(60)...Duration.seconds(7 * 86_400)
    /// How long a person has to confirm.
    package static let timeToConfirm = Duration.seconds(300)

    /// It applies when all of these hold on the job's scope with `plan.changes`, `plan.deletions` and, for each step,
    /// `steps.<id>.changes` and `steps.<id>.deletions`.
    package var when: [Matcher]
    /// From 1 to `mostNeeded`.
    package var need: Int
    /// Any one of these roles makes an approver; empty: everybody known.
    package var from: [String]
    package var within: Duration
    /// So many denials end this set.
    package var deny: Int
    /// Whether who asked may approve it too, with a reason.
    package var allowsOwn: Bool
    package var location: SourceLocation

    package init(
        when: [Matcher] = [], need: Int = 1, from: [String], within: Duration = usualWithin, deny: Int = 1,
        allowsOwn: Bool = false, location: SourceLocation
    ) {
        self.when = when
        self.need = need
        self.from = from
        self.within = within
        self.deny = deny
        self.allowsOwn = allowsOwn
        self.location = location
    }

    /// What a job keeps of it.
    package var asked: ApprovalSet {
        ApprovalSet(
            need: need, from: from, withinMilliseconds: within.milliseconds, deny: deny, allowsOwn: allowsOwn)
    }

    /// The conditions that can be judged before there is a plan.
    package var conditionsBeforePlan: [Matcher] {
        when.filter { !$0.path.hasPrefix("plan.") && !$0.path.hasPrefix("steps.") }
    }
}
