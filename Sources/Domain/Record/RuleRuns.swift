package import Foundation

/// What became of the jobs that one rule started.
package struct RuleRuns: Sendable, Hashable {
    /// The newest jobs that are looked at.
    package static let most = 1000

    package var succeeded = 0
    /// Failed, timed out, or nobody can tell.
    package var failed = 0
    /// Ended otherwise: cancelled, expired, denied, superseded.
    package var other = 0
    /// Not ended yet.
    package var open = 0
    /// Whether there are more than were looked at.
    package var isCut = false
    /// The newest job of all, also when it is older than was asked for.
    package var latest: JobID?
    /// When that one was asked for.
    package var latestAt: Date?

    package init() {}

    package var all: Int { succeeded + failed + other + open }

    /// Counts one more job.
    package mutating func count(_ state: JobState) {
        switch state {
        case .succeeded: succeeded += 1
        case .failed, .timedOut, .unknown: failed += 1
        case .cancelled, .denied, .expired, .superseded: other += 1
        case .held, .waitingConfirmation, .waitingApproval, .queued, .running, .verifying: open += 1
        }
    }
}
