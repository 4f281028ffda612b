import Domain
import Foundation

/// Which messages a transition puts into the outbox.
struct JobMessages {
    var report: JobReport
    var isFirst: Bool

    /// The job's message in every place, the details in its thread and the escalation when it ends.
    var writes: [LedgerWrite] {
        guard report.isWorthTelling else { return [] }
        let job = report.job
        let main = report.main
        var messages = job.reportTo.map { place in
            OutboxMessage(
                place: place, subject: subject, slot: .main, report: main, createdAt: report.now,
                fallbacks: job.answerTo.map { [$0] } ?? [])
        }
        if job.reportTo.isEmpty, isFirst || job.state.isFinal, let answerTo = job.answerTo {
            messages.append(
                OutboxMessage(place: answerTo, subject: subject, slot: .single, report: main, createdAt: report.now))
        }
        if job.state.isFinal {
            for details in report.details() {
                messages += job.reportTo.map {
                    OutboxMessage(place: $0, subject: subject, slot: .thread, report: details, createdAt: report.now)
                }
            }
            if [.failed, .timedOut, .unknown].contains(job.state) {
                messages += job.escalateTo.map {
                    OutboxMessage(
                        place: $0, subject: "\(subject)/escalation", slot: .single, report: report.escalation,
                        createdAt: report.now)
                }
            }
        }
        return messages.map { .enqueue($0) }
    }

    private var subject: String { "job/\(report.job.id)" }
}
