package import Foundation

/// What the command line (over the Unix socket) and the API ask of a running bot. The engine implements it; the
/// ingress serves it as `/api/v1/…`. Listings read the ledger and are no part of it.
package protocol BotControl: Sendable {
    /// Runs a command line as this identity, as if it had been typed in a chat. Returns what the person reads at once,
    /// and the job's number when one was made.
    func run(_ text: String, as identity: Identity, idempotencyKey: String?) async throws(ControlError) -> RunAnswer
    /// Asks a job to stop.
    func cancel(_ id: JobID, by identity: Identity) async throws(ControlError) -> String
    /// Starts a failed job's command line again. Returns the new job's number.
    func retry(_ id: JobID, by identity: Identity) async throws(ControlError) -> RunAnswer
    /// Loads the definitions again. Returns the problems that kept the old ones in force.
    func reload() async -> [Problem]
    /// Why it is not ready; empty when it is.
    func notReadyReasons() async -> [String]
    /// What people should look at although it is ready.
    func warnings() async -> [String]
    /// What `/metrics` shows beside what is counted on the way.
    func readings() async -> [MetricReading]
    /// Waiting jobs in the order in which they will start, each with the reason for its wait.
    func queue() async -> [QueuedJob]
}

extension BotControl {
    /// None.
    package func warnings() async -> [String] { [] }
    /// None.
    package func readings() async -> [MetricReading] { [] }
}

/// A job that waits.
package struct QueuedJob: Sendable, Codable, Hashable {
    package var id: JobID
    package var commandLine: String
    package var requester: String
    package var since: Date
    package var reason: String

    package init(id: JobID, commandLine: String, requester: String, since: Date, reason: String) {
        self.id = id
        self.commandLine = commandLine
        self.requester = requester
        self.since = since
        self.reason = reason
    }
}

/// The answer to a command line.
package struct RunAnswer: Sendable, Codable, Hashable {
    /// What the person reads at once.
    package var report: Report
    /// The job, when one was made.
    package var jobID: JobID?
    /// False for a refusal, an unknown command or a bad value.
    package var isAccepted: Bool

    package init(report: Report, jobID: JobID?, isAccepted: Bool) {
        self.report = report
        self.jobID = jobID
        self.isAccepted = isAccepted
    }
}

/// Why the bot did not do what was asked.
package enum ControlError: Error, Sendable, Hashable {
    case notFound(String)
    case refused(String)
    case unavailable(String)
}
