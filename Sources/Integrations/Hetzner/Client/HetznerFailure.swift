package import Domain
import Foundation
import Outbound

/// Why Hetzner did not do what it was asked.
package struct HetznerFailure: Error, Sendable, Hashable {
    /// The status of the answer; nil when there was none, or when an action failed.
    package var status: Int?
    /// By Hetzner's table: `locked`, `resource_unavailable`; nil when it says none.
    package var code: String?
    /// With Hetzner's own words; people read it.
    package var message: String
    /// Whether it passes by itself.
    package var isTransient = false
    /// When the next try makes sense, if that is known.
    package var retryAfter: Duration?
    /// Whether Hetzner may have done it.
    package var mayHaveTakenEffect = false
    /// What a person could try.
    package var hint: String?

    package init(_ message: String, code: String? = nil, hint: String? = nil) {
        self.message = message
        self.code = code
        self.hint = hint
    }

    /// It is not there.
    package var isNotFound: Bool { status == 404 }
    /// There is one of that name.
    package var isAlreadyThere: Bool { code == "uniqueness_error" }
    /// Something else is being done with it, which ends by itself.
    package var isBusy: Bool { code == "locked" || code == "conflict" }

    /// As an action says it: `doing` is what cannot be done.
    package func actionError(_ doing: String, changes: Bool) -> ActionError {
        ActionError(
            "\(doing): \(message)", retry: isTransient ? .later(afterMilliseconds: retryAfter?.milliseconds) : .never,
            mayHaveTakenEffect: changes && mayHaveTakenEffect, hint: hint)
    }
}

extension HetznerFailure {
    /// No answer.
    static func unreachable(_ error: HTTPError) -> HetznerFailure {
        var failure = HetznerFailure("Hetzner cannot be reached: \(error.message)")
        failure.isTransient = true
        failure.mayHaveTakenEffect = error.kind == .maybeSent
        return failure
    }

    /// An answer that says no (docs.hetzner.cloud, Errors).
    init(_ response: HTTPResponse, now: Date) {
        let status = response.status
        // Not JSON: a proxy's own page.
        let error = (try? JSONValue(parsing: response.body))?["error"]
        let words = OneLine.of(error?["message"]?.stringValue ?? "")
        self.init("Hetzner answers \(status)" + (words.isEmpty ? "" : ": \(words)"), code: error?["code"]?.stringValue)
        self.status = status
        mayHaveTakenEffect = status >= 500
        isTransient = code.map(HetznerFailure.passing.contains) ?? [408, 429, 500, 502, 503, 504].contains(status)
        retryAfter = response.retryAfter(now: now)
        if status == 429 { retryAfter = retryAfter ?? RateLimit.Reading(response.headers)?.pause(now) }
        let fields = (error?["details"]?["fields"]?.arrayValue ?? []).prefix(5).compactMap { $0["name"]?.stringValue }
        if !fields.isEmpty { message += " (\(OneLine.of(fields.joined(separator: ", "), atMost: 200)))" }
        explain()
    }

    /// Why an action that is over failed; nil when it did not.
    init?(operation action: JSONValue) {
        guard action["status"] == "error" else { return nil }
        let words = OneLine.of(action["error"]?["message"]?.stringValue ?? "without a reason")
        self.init("Hetzner began it, and it failed: \(words)", code: action["error"]?["code"]?.stringValue)
        isTransient = code.map(HetznerFailure.passing.contains) ?? false
        mayHaveTakenEffect = true
        explain()
    }

    /// What passes by itself. That a location has no servers left is not among them: a person decides whether to wait or
    /// to go elsewhere.
    static let passing: Set<String> = [
        "locked", "conflict", "maintenance", "rate_limit_exceeded", "server_error", "unavailable", "timeout",
    ]

    private mutating func explain() {
        switch code {
        case "unauthorized": hint = "give the present token in hetzner.token"
        case "token_readonly", "forbidden": hint = "give hetzner.token one that may read and write"
        case "maintenance": retryAfter = retryAfter ?? .seconds(60)
        case "resource_limit_exceeded":
            hint = "ask Hetzner for a higher limit (console, Limits), or free what is not needed"
        case "resource_unavailable":
            hint = "none is left there: take another location or type, or try again later"
        case "placement_error":
            hint = "no host is free for it: a placement group spreads at most 10 servers; try later or elsewhere"
        case "protected": hint = "take its protection away first"
        case "deprecated_api_endpoint": hint = "Hetzner has ended this part of its API; the bot is too old for it"
        default: break
        }
    }
}
