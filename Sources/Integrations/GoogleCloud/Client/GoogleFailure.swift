package import Domain
import Foundation
import Outbound

/// Why Google did not do what it was asked.
package struct GoogleFailure: Error, Sendable, Hashable {
    /// The status of the answer; nil when there was none, or when an operation failed.
    package var status: Int?
    /// With Google's own words; people read it.
    package var message: String
    /// `notFound`, `rateLimitExceeded`, `PERMISSION_DENIED`, `QUOTA_EXCEEDED`: everything that it was called.
    package var reasons: Set<String> = []
    /// Whether it passes by itself.
    package var isTransient = false
    /// When the next try makes sense, if that is known.
    package var retryAfter: Duration?
    /// Whether Google may have done it.
    package var mayHaveTakenEffect = false
    /// What a person could try.
    package var hint: String?
    /// More for the thread.
    package var details: String?

    package init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    /// It is not there, or not to be seen.
    package var isNotFound: Bool { status == 404 || reasons.contains("notFound") }
    /// There is one of that name.
    package var isAlreadyThere: Bool {
        status == 409 && !reasons.isDisjoint(with: ["alreadyExists", "ALREADY_EXISTS"])
    }
    /// Somebody else has changed it meanwhile (an old fingerprint).
    package var isOutdated: Bool { status == 412 || reasons.contains("conditionNotMet") }

    /// Something else is being done with it, which ends by itself.
    package var isBusy: Bool {
        !reasons.isDisjoint(with: ["resourceNotReady", "RESOURCE_NOT_READY", "RESOURCE_OPERATION_RATE_EXCEEDED"])
    }

    /// As an action says it: `doing` is what cannot be done.
    package func actionError(_ doing: String, changes: Bool) -> ActionError {
        ActionError(
            "\(doing): \(message)", retry: isTransient ? .later(afterMilliseconds: retryAfter?.milliseconds) : .never,
            mayHaveTakenEffect: changes && mayHaveTakenEffect, hint: hint, details: details)
    }
}
