import Domain
import Foundation

extension RuleDefinition {
    /// The job that the rule makes of an event which it matches, without a number, before any guard is asked; and since
    /// when its alert fires. Nil when the rule runs nothing. The command is there.
    func job(
        of event: Event, _ consideration: RuleConsideration, _ command: CommandDefinition, eventID: Int64,
        _ factory: JobFactory, now: Date
    ) throws(JobFactory.Unmakeable) -> (made: JobFactory.Made, firingSince: Date?)? {
        guard case .runs(_, let arguments, _) = consideration.outcome else { return nil }
        let definitions = factory.definitions
        var variables = consideration.variables
        variables["event"] = event.attributes
        variables["subject"] = .string(event.subject)
        var made = try factory.make(
            command, .init(arguments: arguments, isPlanOnly: false), requester: .rule(name), eventID: eventID,
            variables: variables, rule: self, ruleScope: ruleScope(event, consideration.variables, definitions),
            now: now, reportTo: report.isEmpty ? definitions.defaultReport : consideration.report, answerTo: nil,
            escalateTo: consideration.escalate, verify: consideration.verify)
        if !consideration.remedies.isEmpty {
            made.job.ladder = JobLadder(
                rung: 1, count: consideration.remedies.count + 1, rest: consideration.remedies)
        }
        guard case .alert(let alert) = event.origin, alert.isFiring else { return (made, nil) }
        made.job.alertFingerprint = alert.fingerprint
        made.job.alertGroup = alert.group
        return (made, alert.startsAt)
    }
}
