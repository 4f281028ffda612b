import Domain
import Foundation

/// Jobs that wait for people.
extension JobBoard {
    private static let waitingForPeople: Set<JobState> = [.waitingConfirmation, .waitingApproval]

    /// Ends those whose time is over, and returns those that somebody must plan now.
    func lookAtApprovals() async throws(LedgerError) -> [JobID] {
        let now = time.now
        let waiting = entries.values.filter { JobBoard.waitingForPeople.contains($0.job.state) }
        if waiting.isEmpty { return [] }
        for entry in waiting {
            guard entry.job.approval?.plan != nil, let until = entry.job.approval?.until, until <= now else { continue }
            try await apply(entry.job.id, .approval(.expired))
        }
        // As many as may run side by side.
        let room = limits.concurrentJobs - waiting.count(where: \.isLookedAt)
        let due = waiting.filter { $0.job.approval?.plan == nil && !$0.isLookedAt }.map(\.job.id).sorted()
        return Array(due.prefix(max(room, 0)))
    }

    /// Nobody plans it any more.
    func endPlanning(_ id: JobID) {
        entries[id]?.isLookedAt = false
        queueSignal.fire()
    }

    /// When one that waits for people must be looked at.
    func dueForPeople(_ job: Job) -> Date? { job.approval?.plan == nil ? nil : job.approval?.until }

    /// The job of this person that waits for being confirmed where the same command line is typed again.
    func waitingForConfirmation(_ commandLine: String, by identity: Identity, in place: Place?) -> JobID? {
        entries.values.filter { entry in
            guard entry.job.state == .waitingConfirmation, case .person(_, identity) = entry.job.requester else {
                return false
            }
            return entry.job.commandLine == commandLine && entry.job.approval?.askedIn == place
        }.map(\.job.id).max()
    }
}
