package import Domain
import Foundation

/// The form in which the page takes jobs.
package enum SandboxJobs {
    /// An array of objects: `id`, `commandLine`, `requester`, `state`, `words`, `reason`, `createdAt`, `startedAt`,
    /// `endedAt` (RFC 3339), `steps` with `name`, `state`, `progress`, `error`, `attempt`. Shows the jobs in the order
    /// given.
    package static func json(_ jobs: [(job: Job, steps: [Step])]) -> JSONValue {
        .array(jobs.map { json($0.job, $0.steps) })
    }

    private static func json(_ job: Job, _ steps: [Step]) -> JSONValue {
        [
            "id": .int(job.id), "commandLine": .string(job.commandLine),
            "requester": .string(job.requester.description), "state": .string(job.state.rawValue),
            "words": .string(job.state.words), "reason": .string(job.reason ?? ""),
            "createdAt": time(job.createdAt), "startedAt": time(job.startedAt), "endedAt": time(job.endedAt),
            "steps": .array(
                steps.map { step in
                    [
                        "name": .string(step.name), "state": .string(step.state.rawValue),
                        "progress": .string(step.progress ?? ""), "error": .string(step.error ?? ""),
                        "attempt": .int(Int64(step.attempt)),
                    ]
                }),
        ]
    }

    private static func time(_ date: Date?) -> JSONValue {
        guard let date else { return .null }
        return .string(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
