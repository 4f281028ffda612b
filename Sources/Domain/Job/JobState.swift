/// The states of a job.
package enum JobState: String, Sendable, Codable, Hashable, CaseIterable {
    case held
    case waitingConfirmation = "waiting-confirmation"
    case waitingApproval = "waiting-approval"
    case queued
    case running
    case verifying
    case succeeded
    case failed
    case cancelled
    case timedOut = "timed-out"
    case denied
    case expired
    case superseded
    case unknown

    /// Nothing more happens to it by itself.
    package var isFinal: Bool {
        switch self {
        case .held, .waitingConfirmation, .waitingApproval, .queued, .running, .verifying: false
        case .succeeded, .failed, .cancelled, .timedOut, .denied, .expired, .superseded, .unknown: true
        }
    }

    /// The word that people read.
    package var words: String {
        switch self {
        case .waitingConfirmation: "waiting for confirmation"
        case .waitingApproval: "waiting for approval"
        case .timedOut: "timed out"
        default: rawValue
        }
    }
}

/// The states of a step.
package enum StepState: String, Sendable, Codable, Hashable, CaseIterable {
    case pending
    case running
    case succeeded
    case failed
    case skipped
    case cancelled
    case timedOut = "timed-out"
    case unknown

    package var isFinal: Bool { self != .pending && self != .running }
}
