import Domain
import Foundation

/// Which of a command's approvals apply to a job.
struct ApprovalSets {
    var definitions: DefinitionSet

    /// What a new job must be allowed; nil when nobody is asked, whatever its plan. A slip of the finger is a person's:
    /// what starts by itself is not confirmed.
    func beginning(_ command: CommandDefinition, _ job: Job) -> JobApproval? {
        if job.isPlanOnly { return nil }
        let scope = JobScope(job: job, definitions: definitions).value([])
        let mayApply = command.approvals.contains { set in
            set.conditionsBeforePlan.allSatisfy { $0.verdict(on: scope).holds }
        }
        let confirms = command.asksForConfirmation && job.requester.personID != nil
        guard mayApply || confirms else { return nil }
        var approval = JobApproval()
        approval.asksForConfirmation = confirms
        return approval
    }

    /// Those that apply to a plan.
    func applying(to job: Job, _ planned: Planned) -> [ApprovalSet] {
        guard let command = definitions.commands[job.command] else { return [] }
        guard case .object(var scope) = JobScope(job: job, definitions: definitions).value(planned.steps) else {
            return []
        }
        scope["plan"] = [
            "changes": .int(Int64(planned.plan.changes)), "deletions": .int(Int64(planned.plan.deletions)),
        ]
        let applying = command.approvals.filter { set in set.when.allSatisfy { $0.verdict(on: .object(scope)).holds } }
        // For several reasons the same people are asked once.
        return applying.map(\.asked).reduce(into: []) { sets, set in if !sets.contains(set) { sets.append(set) } }
    }

    /// For a job that a guard asks about.
    var otherwise: ApprovalSet {
        ApprovalDefinition(from: FreezeRoles.needed(definitions).sorted(), location: .none).asked
    }
}

/// A plan, with the steps as they are when their plans count as outputs.
struct Planned: Sendable {
    var plan: JobPlan
    var steps: [Step]
}
