import Domain
import Foundation

/// What a job's message says while it waits for people.
extension JobReport {
    /// The plan, who may say something, how many are missing, and until when.
    var askingBlocks: [Report.Block] {
        guard [.waitingConfirmation, .waitingApproval].contains(job.state), let approval = job.approval,
            let plan = approval.plan, let until = approval.until
        else { return [] }
        var blocks: [Report.Block] = []
        if !approval.difference.isEmpty { blocks.append(.code(cut(approval.difference.joined(separator: "\n")))) }
        blocks.append(.text("Plan \(plan.shortHash), \(plan.changes) to change, \(plan.deletions) of it taken away:"))
        blocks.append(.code(cut(text(of: plan))))
        var fields: [Report.Field] = []
        if job.state == .waitingApproval {
            let tally = ApprovalTally(job: job, now: now)
            fields.append(.init("May approve", approvers(approval)))
            fields.append(.init("Missing", tally.missingWords))
            let said = approval.votes.map { vote in
                "\(name(vote.person)) \(vote.verdict.rawValue)" + (vote.reason.map { ": \($0)" } ?? "")
            }
            if !said.isEmpty { fields.append(.init("Said so far", said.joined(separator: "; "))) }
        }
        fields.append(.init("Until", PersonTime.text(until)))
        blocks.append(.fields(fields))
        return blocks
    }

    /// `1 of lead: Lena`.
    private func approvers(_ approval: JobApproval) -> String {
        approval.sets.map { set in
            let names = definitions.people.filter { person in
                ApprovalTally.hasRole(person.roles.sorted(), set)
                    && (set.allowsOwn || person.id != job.requester.personID)
            }.map(\.name).sorted()
            let shown =
                names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
            return "\(set.need) of \(ApprovalTally.roles(set))" + (names.isEmpty ? " (nobody has it)" : ": \(shown)")
        }.joined(separator: ", or ")
    }

    private func name(_ id: String) -> String { definitions.people.first { $0.id == id }?.name ?? id }

    private func text(of plan: JobPlan) -> String {
        let lines = plan.parts.filter { !$0.lines.isEmpty }.flatMap { part in
            [part.name] + part.lines.map { "  \($0)" }
        }
        return lines.isEmpty ? "nothing to change" : lines.joined(separator: "\n")
    }

    private func cut(_ text: String) -> String {
        text.count > JobReport.longestTable ? text.prefix(JobReport.longestTable) + "\n… (cut)" : text
    }

    /// A message of its own about the approval: an edit of the job's notifies nobody.
    func approvalNews(_ news: ApprovalNews) -> Report {
        var report = main
        switch news {
        case .asked: report.title = "Needs approval: \(report.title)"
        case .askedAgain: report.title = "Approval void, needs another one: \(report.title)"
        case .expired: report.title = "Not approved in time: \(report.title)"
        case .own(let person, let reason):
            report.mood = .warning
            report.title = "\(name(person)) has approved their own job \(job.id) (\(job.commandLine)): \(reason)"
        }
        return report
    }
}
