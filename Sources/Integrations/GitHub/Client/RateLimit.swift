import Domain
import Foundation
import Outbound

/// What an answer says about GitHub's limits (docs.github.com, "Rate limits for the REST API", "Best practices for using
/// the REST API", "Handle rate limit errors appropriately").
struct RateLimit: Sendable {
    /// The least that is waited where GitHub says "too fast" without saying how long.
    static let usualWait = Duration.seconds(60)
    /// A reset that is further away is not believed: the windows of GitHub are an hour.
    static let longestWait = Duration.seconds(3600 + 60)

    /// The answer refuses because of a limit.
    var isExceeded = false
    /// Nothing may be asked before that; nil where GitHub does not say.
    var wait: Duration?

    init(_ response: HTTPResponse, now: Date) {
        let remaining = response.headers["x-ratelimit-remaining"].flatMap { Int($0.trimmed) }
        let reset = response.headers["x-ratelimit-reset"].flatMap { Double($0.trimmed) }
        let isUsedUp = remaining == 0
        if isUsedUp, let reset, reset.isFinite {
            // One second more: the reset is a whole second, and clocks differ.
            wait = .seconds(max(1, reset - now.timeIntervalSince1970 + 1))
        }
        if response.status == 403 || response.status == 429 {
            let words = GitHubFailure.words(of: response).lowercased()
            let saysSo = ["rate limit", "abuse", "too many requests"].contains { words.contains($0) }
            let given = response.retryAfter(now: now)
            isExceeded = response.status == 429 || isUsedUp || saysSo || (given != nil && words.isEmpty)
            if isExceeded, let given { wait = given }
        }
        wait = wait.map { min($0, RateLimit.longestWait) }
    }
}
