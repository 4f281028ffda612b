import Domain
import Foundation
import Outbound

extension GoogleFailure {
    /// No answer.
    static func unreachable(_ error: HTTPError) -> GoogleFailure {
        var failure = GoogleFailure("Google cannot be reached: \(error.message)")
        failure.isTransient = true
        failure.mayHaveTakenEffect = error.kind == .maybeSent
        return failure
    }

    /// An answer that says no: Compute Engine's and Cloud DNS' style (`errors`), and that of the newer services (`status`,
    /// `details`; google.aip.dev/193).
    init(_ response: HTTPResponse, now: Date) {
        self.init("")
        let status = response.status
        self.status = status
        // Not JSON: a proxy's own page.
        let error = (try? JSONValue(parsing: response.body))?["error"]
        let details = GoogleErrorDetails(error)
        reasons = details.reasons
        let words = OneLine.of(error?["message"]?.stringValue ?? "")
        message = words.isEmpty ? "Google answers \(status)" : "Google answers \(status): \(words)"
        retryAfter = response.retryAfter(now: now) ?? details.retryDelay
        isTransient =
            [408, 429, 500, 502, 503, 504].contains(status) || !reasons.isDisjoint(with: GoogleFailure.passing)
            || GoogleFailure.isBusy(words)
        mayHaveTakenEffect = status >= 500
        explain(details, words)
    }

    /// What passes by itself (cloud.google.com/compute/docs/troubleshooting/troubleshooting-api-errors;
    /// cloud.google.com/compute/docs/api/best-practices). A zone that has no machines left is not among them: a person
    /// decides whether to wait or to go elsewhere.
    static let passing: Set<String> = [
        "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "resourceNotReady", "RESOURCE_NOT_READY",
        "RESOURCE_OPERATION_RATE_EXCEEDED", "backendError", "internalError", "INTERNAL_ERROR", "UNAVAILABLE",
        "SERVICE_UNAVAILABLE", "CONCURRENT_OPERATIONS_QUOTA_EXCEEDED", "ABORTED", "conditionNotMet",
    ]

    /// Kubernetes Engine changes a cluster one thing after the other, and says so in words alone.
    private static func isBusy(_ words: String) -> Bool { words.contains("is running incompatible operation") }

    private mutating func explain(_ details: GoogleErrorDetails, _ words: String) {
        switch status {
        case 401: hint = "give the present credentials in google_cloud.credentials"
        case 403, 404:
            if let permission = details.permission ?? GoogleErrorDetails.permission(in: words) {
                hint = GoogleFailure.grant(permission)
            } else if reasons.contains("accessNotConfigured") || reasons.contains("SERVICE_DISABLED") {
                hint = "enable the API in the project"
            }
        default: break
        }
        if let quota = details.quota {
            message += " (\(quota))"
            hint = GoogleFailure.moreQuota
        } else if !reasons.isDisjoint(with: ["quotaExceeded", "QUOTA_EXCEEDED"]) {
            hint = GoogleFailure.moreQuota
        }
        if !reasons.isDisjoint(with: ["resourceInUseByAnotherResource"]) {
            hint = "take it out of what uses it first"
        }
    }

    static let moreQuota = "ask for more quota (IAM & Admin, Quotas), or free what is not needed"

    static func grant(_ permission: String) -> String {
        "grant \(permission) to the bot's service account; deploy/infrastructure-pool/iam/role.json holds what it needs"
    }
}
