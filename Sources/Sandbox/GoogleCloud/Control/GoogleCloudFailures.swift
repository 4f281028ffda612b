import Domain

/// What goes wrong at Google when it is asked to. Counted kinds are used up one request at a time, in the order of
/// `Kind`'s cases.
package struct GoogleCloudFailures: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The connection is cut before anything is done.
        case reset
        /// The request takes effect, then the connection is cut.
        case resetAfterwards
        /// 500.
        case internalError
        /// 502 with a page of HTML, as Google's front servers send it.
        case badGateway
        /// 503 `backendError`.
        case unavailable
        /// 401, as for a token that was revoked.
        case unauthorized
        /// 403 `rateLimitExceeded`, Compute's way to say "slower".
        case rateLimit
        /// 429 with `Retry-After: 1`.
        case tooManyRequests
    }

    package typealias Count = FailureCount

    package var counts: [Kind: Count] = [:]
    /// Milliseconds by which every answer comes later.
    package var delay = 0
    /// New resources and operations are not shown by reads for that many milliseconds.
    package var hiddenFor = 0
    /// Zones that have no machine to give.
    package var stockout: Set<String> = []
    /// Limits by metric (`CPUS`, `SSD_TOTAL_GB`, `DISKS_TOTAL_GB`, `STATIC_ADDRESSES`, `INSTANCES`, `NETWORKS`),
    /// for a region or the project.
    package var quotas: [String: Int] = [:]
    /// IAM permissions that nobody has.
    package var denied: Set<String> = []
    /// Operations do not go on.
    package var stuckOperations = false
    /// Operations of these types (`insert`, `CREATE_CLUSTER`) end with an internal error, that many times each.
    package var failingOperations: [String: Int] = [:]

    package init() {}

    /// Takes one request's failure.
    mutating func take(_ method: String) -> Kind? { counts.take(method) }

    /// Whether an operation of that type is to fail now.
    mutating func takeOperation(_ type: String) -> Bool {
        guard let left = failingOperations[type], left > 0 else { return false }
        failingOperations[type] = left > 1 ? left - 1 : nil
        return true
    }
}
