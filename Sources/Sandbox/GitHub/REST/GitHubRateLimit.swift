import Domain
import Foundation
import Synchronization

/// Requests per hour and account, as GitHub counts them
/// (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
final class GitHubRateLimit: Sendable {
    /// How an account stands.
    struct Standing: Sendable {
        var limit: Int
        var used: Int
        /// Seconds since 1970.
        var reset: Int

        var remaining: Int { max(0, limit - used) }

        var headers: [(String, String)] {
            [
                ("X-RateLimit-Limit", String(limit)), ("X-RateLimit-Remaining", String(remaining)),
                ("X-RateLimit-Used", String(min(used, limit))), ("X-RateLimit-Reset", String(reset)),
                ("X-RateLimit-Resource", "core"),
            ]
        }
    }

    private let limit: Int
    private let time: any TimeSource
    private let standings = Mutex<[String: Standing]>([:])

    init(limit: Int, time: any TimeSource) {
        self.limit = limit
        self.time = time
    }

    /// Counts `cost` requests; `used` may then be beyond the limit.
    func count(_ bucket: String, cost: Int) -> Standing {
        let now = Int(time.now.timeIntervalSince1970)
        return standings.withLock { standings in
            var standing = standings[bucket] ?? Standing(limit: limit, used: 0, reset: now + 3600)
            if standing.reset <= now { standing = Standing(limit: limit, used: 0, reset: now + 3600) }
            standing.used += cost
            standings[bucket] = standing
            return standing
        }
    }
}
