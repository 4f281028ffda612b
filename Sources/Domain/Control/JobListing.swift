package import Foundation

/// A job as the API and the command line show it.
package struct JobListing: Sendable, Codable, Hashable {
    package var id: JobID
    package var command: String
    package var commandLine: String
    package var arguments: [String: JSONValue]
    /// A person's id, or `rule <name>`.
    package var requester: String
    /// The identity under which the person asked: `slack:U123`.
    package var identity: String?
    package var eventID: Int64?
    package var isPlanOnly: Bool
    package var state: JobState
    package var reason: String?
    /// Paths, with ` (shared)` after those that are shared.
    package var locks: [String]
    package var createdAt: Date
    package var heldUntil: Date?
    package var startedAt: Date?
    package var endedAt: Date?
    package var startBefore: Date
    package var timeoutSeconds: Double
    package var cancelledBy: String?
    package var reportTo: [String]
    package var definitionsHash: String

    package init(_ job: Job) {
        id = job.id
        command = job.command
        commandLine = job.commandLine
        arguments = job.arguments
        requester = job.requester.description
        if case .person(_, let identity) = job.requester { self.identity = identity.description }
        eventID = job.eventID
        isPlanOnly = job.isPlanOnly
        state = job.state
        reason = job.reason
        locks = job.locks.map { $0.mode == .shared ? "\($0.path) (shared)" : $0.path }
        createdAt = job.createdAt
        heldUntil = job.heldUntil
        startedAt = job.startedAt
        endedAt = job.endedAt
        startBefore = job.startBefore
        timeoutSeconds = Double(job.timeoutMilliseconds) / 1000
        cancelledBy = job.cancelledBy
        // A private place prints without its address, which is a capability.
        reportTo = job.reportTo.map(\.description)
        definitionsHash = job.definitionsHash
    }

    private enum CodingKeys: String, CodingKey {
        case id, command, arguments, requester, identity, state, reason, locks
        case commandLine = "command_line"
        case eventID = "event_id"
        case isPlanOnly = "is_plan_only"
        case createdAt = "created_at"
        case heldUntil = "held_until"
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case startBefore = "start_before"
        case timeoutSeconds = "timeout_seconds"
        case cancelledBy = "cancelled_by"
        case reportTo = "report_to"
        case definitionsHash = "definitions_hash"
    }
}

/// Jobs, newest first.
package struct JobPage: Sendable, Codable, Hashable {
    package var jobs: [JobListing]
    /// What to ask as `before` for the next page; nil when there is none.
    package var nextBefore: JobID?

    /// `limit` is what was asked for: a full page has a next one.
    package init(_ jobs: [Job], limit: Int) {
        self.jobs = jobs.map(JobListing.init)
        nextBefore = jobs.count >= limit ? jobs.last?.id : nil
    }

    private enum CodingKeys: String, CodingKey {
        case jobs
        case nextBefore = "next_before"
    }
}

/// A job with its steps and what was said about it.
package struct JobDetails: Sendable, Codable, Hashable {
    package var job: JobListing
    package var steps: [StepListing]
    package var reports: [ReportListing]

    package init(job: Job, steps: [Step], reports: [OutboxMessage]) {
        self.job = JobListing(job)
        self.steps = steps.map(StepListing.init)
        self.reports = reports.map(ReportListing.init)
    }
}
