import Domain
import Foundation

/// What a rule would have done that only observes.
struct RuleObservation {
    var rule: String
    /// Not made, and without a number.
    var job: Job
    var check: GuardCheck

    var decision: String { "observes only: \(words)" }

    private var words: String {
        switch check.decision {
        case .passes: "would run '\(job.commandLine)'"
        case .holds(_, let reason, _): "would hold '\(job.commandLine)': \(reason)"
        case .asks(let reason): "would ask whether to run '\(job.commandLine)': \(reason)"
        case .refuses(let reason): "would not run '\(job.commandLine)': \(reason)"
        }
    }

    /// One message for each rule and key, which the newest observation takes over: nobody is called by it. What the
    /// guards would have kept from running is in the explanation alone.
    func change(because subject: String, _ now: Date) -> LedgerChange {
        if case .refuses = check.decision { return LedgerChange() }
        var fields = [Report.Field("Because of", subject), Report.Field("At", PersonTime.text(now))]
        fields += check.verdicts.map { Report.Field("guard \($0.guardName)", $0.says) }
        let report = Report(
            mood: .info, title: "Rule \(rule) \(words)",
            blocks: [.fields(fields), .text("It only observes (mode: observe): nothing was run.")])
        return LedgerChange(
            job.reportTo.map {
                .enqueue(
                    OutboxMessage(
                        place: $0, subject: "rule/\(rule)/\(job.guardKey)", slot: .main, report: report, createdAt: now)
                )
            })
    }
}
