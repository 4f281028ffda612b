import Domain
import Foundation

/// Which messages a transition puts into the outbox.
struct JobMessages {
    var report: JobReport
    var isFirst: Bool
    /// Whether its details go into its thread, when it has ended.
    var tellsDetails = true
    /// Channels in which jobs about the same share one message.
    var sharedChannels: Set<String> = []
    /// Channels in which jobs of one group of alerts stand in one thread.
    var threadedChannels: Set<String> = []

    /// The job's message in every place, and the details in its thread when it ends.
    var writes: [LedgerWrite] {
        guard report.isWorthTelling else { return [] }
        let job = report.job
        let main = report.main
        var messages = job.reportTo.filter(tells).map { place in
            OutboxMessage(
                place: place, subject: subject(in: place), slot: .main, report: main, createdAt: report.now,
                fallbacks: job.answerTo.map { [$0] } ?? [])
        }
        if job.state == .superseded, job.supersededBy == nil, job.triedAgainAs == nil, job.requester.personID != nil {
            // Who asked is told, but not in the words of those who come after.
            messages += job.reportTo.filter(isShared).map {
                OutboxMessage(place: $0, subject: subject, slot: .single, report: main, createdAt: report.now)
            }
        }
        if job.reportTo.isEmpty, isFirst || job.state.isFinal, tellsDetails, let answerTo = job.answerTo {
            messages.append(
                OutboxMessage(place: answerTo, subject: subject, slot: .single, report: main, createdAt: report.now))
        }
        if job.state.isFinal, tellsDetails {
            for details in report.details() {
                messages += job.reportTo.filter(tells).map {
                    OutboxMessage(
                        place: $0, subject: subject(in: $0), slot: .thread, report: details, createdAt: report.now)
                }
            }
        }
        return messages.map { message in
            var message = message
            if message.slot != .single, threadedChannels.contains(message.place.channel) {
                message.threadOf = job.headSubject
            }
            return .enqueue(message)
        }
    }

    private var subject: String { "job/\(report.job.id)" }

    private func isShared(_ place: Place) -> Bool {
        report.job.about != nil && sharedChannels.contains(place.channel)
    }

    private func subject(in place: Place) -> String { isShared(place) ? report.job.about ?? subject : subject }

    /// A shared message belongs to the newest job that has something to say: not to one that gave its place to another,
    /// and not to one that may still find out that it makes no sense.
    private func tells(_ place: Place) -> Bool {
        guard isShared(place) else { return true }
        let job = report.job
        if job.supersededBy != nil || job.state == .superseded { return false }
        // There is a newer one.
        if job.triedAgainAs != nil { return false }
        if job.state.isFinal { return true }
        return report.steps.contains { $0.state == .succeeded || ($0.state == .running && job.state == .held) }
    }
}
