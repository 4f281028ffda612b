import Domain
import Synchronization

/// A plan run as if it were an action, so that it has the same limits.
struct PlanAction: RepeatableAction {
    var plannable: any Plannable
    /// On which it depends whether the step runs at all, and which nothing is known of yet.
    var conditions: [String] = []
    /// Takes the plan itself, for those who need more than its outputs.
    var box: PlanBox?

    func perform(_ context: ActionContext) async throws -> JSONValue {
        var plan: ActionPlan
        do { plan = try await plannable.plan(context) } catch let error as ActionError {
            guard let missing = error.missing else { throw error }
            plan = ActionPlan(changes: [], knownLater: ["what it changes, when \(missing)"])
        }
        if !conditions.isEmpty {
            let when = conditions.joined(separator: ", ")
            plan.changes = plan.changes.map { "\(when): \($0)" }
        }
        box?.put(plan)
        return PlanAction.output(of: plan)
    }

    /// What later steps and conditions see of a plan.
    static func output(of plan: ActionPlan) -> JSONValue {
        let lines = plan.changes + plan.knownLater.map { "known later: \($0)" } + plan.notes
        let shown = plan.changes.isEmpty && plan.knownLater.isEmpty ? ["nothing to change"] + plan.notes : lines
        return [
            "summary": .string(plan.changes.isEmpty ? "nothing to change" : "\(plan.changes.count) to change"),
            "details": .string(shown.joined(separator: "\n")),
            "changes": .int(Int64(plan.changes.count)), "deletions": .int(Int64(plan.deletions)),
            "later": .int(Int64(plan.knownLater.count)),
        ]
    }
}

/// Carries a plan out of the task that computes it.
final class PlanBox: Sendable {
    private let state = Mutex<ActionPlan?>(nil)

    var plan: ActionPlan? { state.withLock { $0 } }

    func put(_ plan: ActionPlan) { state.withLock { $0 = plan } }
}
