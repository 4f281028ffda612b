package import Foundation

/// Waiting jobs as the API and the command line show them, in the order in which they will start.
package struct QueueListing: Sendable, Codable, Hashable {
    /// One waiting job.
    package struct Entry: Sendable, Codable, Hashable {
        package var id: JobID
        package var commandLine: String
        package var requester: String
        package var since: Date
        package var reason: String

        private enum CodingKeys: String, CodingKey {
            case id, requester, since, reason
            case commandLine = "command_line"
        }
    }

    package var queue: [Entry]

    package init(_ jobs: [QueuedJob]) {
        queue = jobs.map {
            Entry(id: $0.id, commandLine: $0.commandLine, requester: $0.requester, since: $0.since, reason: $0.reason)
        }
    }
}
