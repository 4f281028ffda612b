package import Foundation

/// A step as the API and the command line show it.
package struct StepListing: Sendable, Codable, Hashable {
    /// From 0.
    package var index: Int
    package var id: String
    package var name: String
    package var action: String
    package var isOnFailure: Bool
    package var state: StepState
    package var attempt: Int
    package var progress: String?
    package var error: String?
    package var hint: String?
    /// What the provider calls the operation.
    package var handle: JSONValue?
    package var output: JSONValue?
    package var startedAt: Date?
    package var endedAt: Date?
    package var retryAt: Date?

    package init(_ step: Step) {
        index = step.index
        id = step.stepID
        name = step.name
        action = step.action
        isOnFailure = step.isOnFailure
        state = step.state
        attempt = step.attempt
        progress = step.progress
        error = step.error
        hint = step.hint
        handle = step.handle
        output = step.output
        startedAt = step.startedAt
        endedAt = step.endedAt
        retryAt = step.retryAt
    }

    private enum CodingKeys: String, CodingKey {
        case index, id, name, action, state, attempt, progress, error, hint, handle, output
        case isOnFailure = "is_on_failure"
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case retryAt = "retry_at"
    }
}
